import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAddress } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import * as fc from 'fast-check'
import { assignOwners as assign, type Candidate, type Claim, type OwnableGroup } from './ownership.ts'
import { hashText } from '@steelyard/membership'

type TestGroup = OwnableGroup & { readonly candidates: readonly Candidate[]; readonly claims: readonly Claim[] }
const assignOwners = (groups: readonly TestGroup[]): Map<string, string> =>
  assign(groups, { candidatesOf: ({ candidates }) => candidates, claimsOf: ({ claims }) => claims })

const nodesNamed = (count: number, weight = 0): Candidate[] =>
  Array.from({ length: count }, (_, index) => ({ node: `node-${String(index).padStart(3, '0')}`, weight }))
const address = (index: number) => parseAddress(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`)!
const EARLY = 3
const LATE = 4
const by = (node: string, epoch = EARLY, parts: Partial<Claim> = {}): Claim => ({
  node,
  epoch,
  minority: false,
  releasing: false,
  ...parts,
})
const group = (index: number, candidates: readonly Candidate[], claims: readonly Claim[] = []): TestGroup => ({
  key: `10.0.0.${index}`,
  hash: hashText(`10.0.0.${index}`),
  createdAt: `2026-01-01T00:00:${String(Math.floor(index / 7) % 60).padStart(2, '0')}Z`,
  lowestAddress: address(index),
  candidates,
  claims,
})
const groupsOf = (count: number, candidates: readonly Candidate[]): TestGroup[] =>
  Array.from({ length: count }, (_, index) => group(index, candidates))
const claimed = (groups: readonly TestGroup[], owners: ReadonlyMap<string, string>): TestGroup[] =>
  groups.map((one) => ({ ...one, claims: owners.has(one.key) ? [by(owners.get(one.key)!)] : [] }))
const loadsOf = (owners: ReadonlyMap<string, string>): Map<string, number> => {
  const loads = new Map<string, number>()
  for (const node of owners.values()) loads.set(node, (loads.get(node) ?? 0) + 1)
  return loads
}
const heaviest = (owners: ReadonlyMap<string, string>): number => Math.max(0, ...loadsOf(owners).values())
const bound = (groups: number, nodes: number): number => Math.ceil(groups / nodes) + 1

const THREE = nodesNamed(3)
const [A, B, C] = THREE.map(({ node }) => node) as [string, string, string]

describe('assignOwners', () => {
  it('gives a single candidate everything', () => {
    const owners = assignOwners(groupsOf(5, [{ node: 'only', weight: 0 }]))
    assert.deepEqual([...new Set(owners.values())], ['only'])
    assert.equal(owners.size, 5)
  })
  it('leaves a group without candidates without an owner', () => {
    assert.equal(assignOwners([group(1, [])]).size, 0)
  })
  it('takes the candidates of the highest weight only', () => {
    const candidates = [
      { node: A, weight: 10 },
      { node: B, weight: 30 },
      { node: C, weight: 20 },
    ]
    assert.deepEqual([...new Set(assignOwners(groupsOf(20, candidates)).values())], [B])
  })
  it('lets the present owner stay', () => {
    for (const { node } of THREE) assert.equal(assignOwners([group(1, THREE, [by(node)])]).get('10.0.0.1'), node)
  })
  it('takes a group from an owner as soon as a node of higher weight is there', () => {
    const candidates = [
      { node: A, weight: 0 },
      { node: B, weight: 1 },
    ]
    assert.equal(assignOwners([group(1, candidates, [by(A)])]).get('10.0.0.1'), B)
  })
  it('ignores the claim of a node that is no candidate', () => {
    const owner = assignOwners([group(1, THREE, [by('gone')])]).get('10.0.0.1')
    assert.equal(owner, assignOwners([group(1, THREE)]).get('10.0.0.1'))
  })
  it('settles two claims by weight before rank', () => {
    const candidates = [
      { node: A, weight: 0 },
      { node: B, weight: 5 },
      { node: C, weight: 5 },
    ]
    for (let index = 0; index < 20; index++) {
      assert.equal(assignOwners([group(index, candidates, [by(A, LATE), by(C)])]).get(`10.0.0.${index}`), C)
    }
  })
  it('settles two claims by epoch before rank: whoever took over keeps it', () => {
    for (let index = 0; index < 20; index++) {
      const key = `10.0.0.${index}`
      assert.equal(assignOwners([group(index, THREE, [by(A), by(B, LATE)])]).get(key), B)
      assert.equal(assignOwners([group(index, THREE, [by(A, LATE), by(B)])]).get(key), A)
    }
  })
  it('lets what a majority took win over what a minority took, whatever the epochs', () => {
    for (let index = 0; index < 20; index++) {
      const claims = [by(A, LATE, { minority: true }), by(B, EARLY)]
      assert.equal(assignOwners([group(index, THREE, claims)]).get(`10.0.0.${index}`), B)
    }
  })
  it('leaves with a node that drains what it has not released, and gives it nothing new', () => {
    const candidates = [{ node: A, weight: 0, draining: true }, ...THREE.slice(1)]
    const all = groupsOf(12, candidates).map((one, at) => ({ ...one, claims: at < 3 ? [by(A)] : [] }))
    const owners = assignOwners(all)
    assert.deepEqual(
      [...owners].map(([, node]) => node === A),
      all.map((_, at) => at < 3),
    )
  })
  it('takes from a node that drains what a node of higher weight can have', () => {
    const candidates = [
      { node: A, weight: 1, draining: true },
      { node: B, weight: 2 },
    ]
    assert.equal(assignOwners([group(1, candidates, [by(A)])]).get('10.0.0.1'), B)
  })
  it('gives what is released to another node, and back to nobody', () => {
    for (let index = 0; index < 20; index++) {
      const owner = assignOwners([group(index, THREE, [by(A, EARLY, { releasing: true })])]).get(`10.0.0.${index}`)
      assert.ok(owner === B || owner === C, owner)
    }
  })
  it('leaves what is released where it is when nobody else may have it', () => {
    const alone = [{ node: A, weight: 0, draining: true }]
    assert.equal(assignOwners([group(1, alone, [by(A, EARLY, { releasing: true })])]).get('10.0.0.1'), A)
  })
  it('lets nodes that drain serve when all do', () => {
    const candidates = THREE.map((one) => ({ ...one, draining: true }))
    assert.equal(assignOwners(groupsOf(6, candidates)).size, 6)
    const held = groupsOf(6, candidates).map((one) => ({ ...one, claims: [by(A, EARLY, { releasing: true })] }))
    assert.deepEqual([...new Set(assignOwners(held).values())], [A], 'released among them, it would go in circles')
  })
  it('evens out what the fullest nodes release above the mean, leaving no node above it', () => {
    const held = (at: number): Claim => (at < 9 ? by(A, EARLY, { releasing: at < 5 }) : by(B))
    const owners = assignOwners(groupsOf(12, THREE).map((one, at) => ({ ...one, claims: [held(at)] })))
    assert.deepEqual(
      [...loadsOf(owners).values()].sort((x, y) => x - y),
      [4, 4, 4],
    )
  })
  it('settles two equal claims by rank, whichever comes first, and not always for the same node', () => {
    const winners = new Set<string>()
    for (let index = 0; index < 20; index++) {
      const winner = assignOwners([group(index, THREE, [by(A), by(B)])]).get(`10.0.0.${index}`)!
      assert.equal(assignOwners([group(index, THREE, [by(B), by(A)])]).get(`10.0.0.${index}`), winner)
      winners.add(winner)
    }
    assert.deepEqual([...winners].sort(), [A, B])
  })
  it('spreads three addresses on three nodes and ten on ten within one above the mean', () => {
    assert.ok(heaviest(assignOwners(groupsOf(3, THREE))) <= 2)
    assert.ok(heaviest(assignOwners(groupsOf(10, nodesNamed(10)))) <= 2)
    assert.ok(heaviest(assignOwners(groupsOf(1000, nodesNamed(100)))) <= 11)
  })
  it('evens out Services that each have their own few nodes', () => {
    const nodes = nodesNamed(10)
    const random = seededRandom(7)
    const groups = Array.from({ length: 300 }, (_, index) => {
      const own = nodes.filter(() => random() < 0.4)
      return group(index, own.length === 0 ? nodes : own)
    })
    assert.ok(heaviest(assignOwners(groups)) <= 36, `most loaded ${heaviest(assignOwners(groups))}`)
  })
})

/** Groups over nodes with weights and claims, all at random. */
const histories = fc.record({
  nodes: fc.integer({ min: 1, max: 12 }),
  groups: fc.integer({ min: 0, max: 80 }),
  seed: fc.integer(),
})
const shuffled = <T>(list: readonly T[], seed: number): T[] => {
  const random = seededRandom(seed)
  return list
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
const someOf = <T>(list: readonly T[], share: number, seed: number): T[] => {
  const random = seededRandom(seed)
  return list.filter(() => random() < share)
}
const RUNS = { numRuns: 300 }

describe('assignOwners, whatever the history', () => {
  it('comes to the same from any order of groups and claims', () =>
    fc.assert(
      fc.property(histories, ({ nodes, groups, seed }) => {
        const random = seededRandom(seed)
        const candidates = nodesNamed(nodes).map(({ node }) => ({ node, weight: Math.floor(random() * 2) }))
        const all = groupsOf(groups, candidates).map((one) => ({
          ...one,
          claims: candidates.filter(() => random() < 0.2).map(({ node }) => by(node, random() < 0.5 ? EARLY : LATE)),
        }))
        const turned = shuffled(all, seed).map((one) => ({ ...one, claims: one.claims.toReversed() }))
        assert.deepEqual(Object.fromEntries(assignOwners(turned)), Object.fromEntries(assignOwners(all)))
      }),
      RUNS,
    ))
  it('puts no more than one above the mean on any node', () =>
    fc.assert(
      fc.property(histories, ({ nodes, groups }) => {
        assert.ok(heaviest(assignOwners(groupsOf(groups, nodesNamed(nodes)))) <= bound(groups, nodes))
      }),
      RUNS,
    ))
  it('moves only what a lost node held, and still puts no more than one above the mean on any', () =>
    fc.assert(
      fc.property(histories, ({ nodes, groups, seed }) => {
        const all = nodesNamed(nodes + 1)
        const before = assignOwners(groupsOf(groups, all))
        const lost = all[(seed >>> 0) % all.length]!.node
        const left = all.filter(({ node }) => node !== lost)
        const after = assignOwners(claimed(groupsOf(groups, left), before))
        for (const [key, node] of before) if (node !== lost) assert.equal(after.get(key), node)
        assert.equal(after.size, groups)
        assert.ok(heaviest(after) <= bound(groups, nodes))
      }),
      RUNS,
    ))
  it('moves nothing when a node joins', () =>
    fc.assert(
      fc.property(histories, ({ nodes, groups }) => {
        const before = assignOwners(groupsOf(groups, nodesNamed(nodes)))
        assert.deepEqual(assignOwners(claimed(groupsOf(groups, nodesNamed(nodes + 1)), before)), before)
      }),
      RUNS,
    ))
  it('places older groups the same whether or not it sees the younger', () =>
    fc.assert(
      fc.property(histories, ({ nodes, groups, seed }) => {
        const all = groupsOf(groups, nodesNamed(nodes))
        const seen = all.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)).slice(0, (seed >>> 0) % (groups + 1))
        const whole = assignOwners(all)
        for (const [key, node] of assignOwners(seen)) assert.equal(whole.get(key), node)
      }),
      RUNS,
    ))
  it('places the rest the same whichever of the fresh claims it sees', () =>
    fc.assert(
      fc.property(histories, fc.double({ min: 0, max: 1, noNaN: true }), ({ nodes, groups, seed }, share) => {
        const all = groupsOf(groups, nodesNamed(nodes))
        const whole = assignOwners(all)
        const seen = new Set(someOf([...whole.keys()], share, seed))
        const partly = claimed(all, whole).map((one) => (seen.has(one.key) ? one : { ...one, claims: [] }))
        assert.deepEqual(assignOwners(partly), whole)
      }),
      RUNS,
    ))
  it('never gives a group to a node that is no candidate of the highest weight', () =>
    fc.assert(
      fc.property(histories, ({ nodes, groups, seed }) => {
        const random = seededRandom(seed)
        const all = Array.from({ length: groups }, (_, index) => {
          const own = nodesNamed(nodes).filter(() => random() < 0.5)
          const candidates = own.map(({ node }) => ({ node, weight: Math.floor(random() * 3) }))
          return group(
            index,
            candidates,
            someOf(own, 0.3, index).map(({ node }) => by(node)),
          )
        })
        const owners = assignOwners(all)
        for (const { key, candidates } of all) {
          const best = Math.max(...candidates.map(({ weight }) => weight))
          const owner = candidates.find(({ node }) => node === owners.get(key))
          assert.equal(owner?.weight, candidates.length === 0 ? undefined : best)
        }
      }),
      RUNS,
    ))
})
