import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashText, type NodeRecord } from '@steelyard/membership'
import { claimBook, noteRecord } from './claim-book.ts'
import type { Candidate } from './ownership.ts'
import { pace } from './pace.ts'
import {
  type HeldClaim,
  nextTenure,
  NO_TENURE,
  OUTSTAY_MS,
  RESTRAINT_MS,
  type Tenure,
  type TenureFacts,
  type TenureGroup,
} from './tenure.ts'

const IP = '192.0.2.1'
const groupOf = (...ips: string[]): TenureGroup => ({ key: ips[0] ?? '', hash: hashText(ips[0] ?? ''), ips })
const NODES: readonly Candidate[] = ['n1', 'n2', 'n3'].map((node) => ({ node, weight: 0 }))
const recordOf = (
  claims: readonly { ip?: string; epoch: number; minority?: boolean; releasing?: boolean }[],
): NodeRecord => ({
  claims: claims.map((claim) => ({ ip: IP, minority: false, releasing: false, ...claim })),
  draining: false,
  missing: [],
  impaired: [],
  macs: [],
})
const held = (epoch: number, parts: Partial<HeldClaim> = {}): Tenure => ({
  ...NO_TENURE,
  claims: new Map([[IP, { ip: IP, epoch, minority: false, releasing: false, since: 0, cause: 'first', ...parts }]]),
})

type Given = {
  owner?: string
  others?: Record<string, Parameters<typeof recordOf>[0]>
  dead?: Record<string, Parameters<typeof recordOf>[0]>
} & Partial<TenureFacts>

function facts({ owner, others = {}, dead = {}, ...more }: Given): TenureFacts {
  const book = claimBook()
  for (const [node, claims] of Object.entries({ ...dead, ...others })) noteRecord(book, node, recordOf(claims))
  for (const node of Object.keys(dead)) noteRecord(book, node, undefined)
  return {
    self: 'n1',
    now: 1_000_000,
    groups: [groupOf(IP)],
    owners: new Map(owner === undefined ? [] : [[IP, owner]]),
    candidatesOf: () => NODES,
    book,
    settled: true,
    served: new Set([IP]),
    majority: true,
    pace: pace(),
    movesPerSecond: 20,
    ...more,
  }
}

describe('what nobody has', () => {
  it('is claimed with epoch 1 by the node that should own it, for the first time', () => {
    const { tenure, serving, moves } = nextTenure(NO_TENURE, facts({ owner: 'n1' }))
    assert.deepEqual([...serving], [IP])
    assert.deepEqual(tenure.claims.get(IP), {
      ip: IP,
      epoch: 1,
      minority: false,
      releasing: false,
      since: 1_000_000,
      cause: 'first',
    })
    assert.deepEqual(moves, [{ ip: IP, to: 'n1', cause: 'first' }])
  })
  it('is left alone by the others', () => {
    const { tenure, serving } = nextTenure(NO_TENURE, facts({ owner: 'n2' }))
    assert.deepEqual([tenure.claims.size, serving.size], [0, 0])
  })
  it('is not touched before it is known what the others have', () => {
    assert.equal(nextTenure(NO_TENURE, facts({ owner: 'n1', settled: false })).serving.size, 0)
  })
  it('goes one epoch beyond the one of a dead owner, whose loss is the cause', () => {
    const { tenure, moves } = nextTenure(NO_TENURE, facts({ owner: 'n1', dead: { n3: [{ epoch: 6 }] } }))
    assert.deepEqual([tenure.claims.get(IP)?.epoch, tenure.claims.get(IP)?.cause], [7, 'ownerLost'])
    assert.deepEqual(moves, [{ ip: IP, from: 'n3', to: 'n1', cause: 'ownerLost' }])
  })
  it('is taken as a minority where fewer than half are heard', () => {
    const { tenure } = nextTenure(NO_TENURE, facts({ owner: 'n1', majority: false }))
    assert.equal(tenure.claims.get(IP)?.minority, true)
  })
})

describe('what this node has', () => {
  it('stays as it is, pass after pass', () => {
    const before = held(3)
    const { tenure, serving, moves } = nextTenure(before, facts({ owner: 'n1' }))
    assert.equal(tenure.claims.get(IP), before.claims.get(IP))
    assert.deepEqual([[...serving], moves], [[IP], []])
  })
  it('from before a restart is claimed, and not served before it is known what the others have', () => {
    const { tenure, serving } = nextTenure(
      held(3, { cause: 'kept' }),
      facts({ owner: 'n1', settled: false, served: new Set() }),
    )
    assert.deepEqual([tenure.claims.get(IP)?.epoch, serving.size], [3, 0])
    const later = nextTenure(tenure, facts({ owner: 'n1', served: new Set() }))
    assert.deepEqual([later.tenure.claims.get(IP)?.epoch, later.serving.size], [3, 1])
  })
  it('stays through doubt about what the others have', () => {
    assert.equal(nextTenure(held(3), facts({ owner: 'n1', settled: false })).serving.size, 1)
  })
  it('is given up at once when another has claimed it with a higher epoch, and that is told', () => {
    const { tenure, serving, moves } = nextTenure(held(3), facts({ owner: 'n2', others: { n2: [{ epoch: 4 }] } }))
    assert.deepEqual([tenure.claims.size, serving.size], [0, 0])
    assert.deepEqual(moves, [{ ip: IP, from: 'n1', to: 'n2', cause: 'taken' }])
  })
  it('is kept against a claim with a lower epoch, and against one of a minority', () => {
    for (const claim of [{ epoch: 2 }, { epoch: 9, minority: true }]) {
      assert.equal(nextTenure(held(3), facts({ owner: 'n1', others: { n2: [claim] } })).serving.size, 1)
    }
  })
  it('goes when nobody may own it any more, or its Service is gone', () => {
    assert.equal(nextTenure(held(3), facts({})).serving.size, 0)
    const gone = nextTenure(held(3), facts({ owner: 'n1', groups: [] }))
    assert.deepEqual([gone.tenure.claims.size, gone.serving.size], [0, 0])
  })
})

describe('what another should own', () => {
  it('is served until that one claims it, however long that takes', () => {
    const late = facts({ owner: 'n2', now: 9_000_000 })
    const { tenure, serving } = nextTenure(nextTenure(held(3), facts({ owner: 'n2' })).tenure, late)
    assert.deepEqual([tenure.claims.get(IP)?.epoch, serving.size], [3, 1])
  })
  it('is served for two seconds more by a node that may not any more', () => {
    const candidatesOf = (): readonly Candidate[] => NODES.slice(1)
    const first = nextTenure(held(3), facts({ owner: 'n2', candidatesOf }))
    assert.deepEqual([first.serving.size, first.lookAgainAt], [1, 1_000_000 + OUTSTAY_MS])
    const at = (now: number) => nextTenure(first.tenure, facts({ owner: 'n2', candidatesOf, now })).serving.size
    assert.deepEqual([at(1_000_000 + OUTSTAY_MS - 1), at(1_000_000 + OUTSTAY_MS)], [1, 0])
  })
})

describe('what another has and this node should own', () => {
  const cases: [name: string, claim: { epoch: number; releasing?: boolean }, candidates: string[], cause: string][] = [
    ['is taken from a node that releases it', { epoch: 4, releasing: true }, ['n1', 'n2'], 'released'],
    ['is taken from a node that may not have it', { epoch: 4 }, ['n1', 'n3'], 'ownerIneligible'],
    ['is taken from a node that is less preferred', { epoch: 4 }, ['n1', 'n2'], 'preferred'],
  ]
  for (const [name, claim, candidates, cause] of cases) {
    it(`${name}, one epoch on`, () => {
      const candidatesOf = (): readonly Candidate[] => candidates.map((node) => ({ node, weight: 0 }))
      const { tenure, moves } = nextTenure(NO_TENURE, facts({ owner: 'n1', others: { n2: [claim] }, candidatesOf }))
      assert.equal(tenure.claims.get(IP)?.epoch, 5)
      assert.deepEqual(moves, [{ ip: IP, from: 'n2', to: 'n1', cause }])
    })
  }
  it('is not taken back by preference for a minute after it was lost to a living node', () => {
    const others = { n2: [{ epoch: 4 }] }
    const lost = nextTenure(held(3), facts({ owner: 'n1', others }))
    assert.equal(lost.serving.size, 0)
    const at = (after: number) => nextTenure(lost.tenure, facts({ owner: 'n1', others, now: 1_000_000 + after }))
    assert.deepEqual([at(0).serving.size, at(0).lookAgainAt], [0, 1_000_000 + RESTRAINT_MS])
    assert.equal(at(RESTRAINT_MS - 1).serving.size, 0)
    assert.equal(at(RESTRAINT_MS).serving.size, 1)
  })
  it('is taken back by preference at once when it was only lent, as while the node was excluded', () => {
    const others = { n2: [{ epoch: 4 }] }
    const lent = nextTenure(held(3), facts({ owner: 'n2', others }))
    assert.equal(lent.serving.size, 0)
    assert.equal(nextTenure(lent.tenure, facts({ owner: 'n1', others })).tenure.claims.get(IP)?.epoch, 5)
  })
  it('but at once when that node is dead', () => {
    const lost = nextTenure(held(3), facts({ owner: 'n1', others: { n2: [{ epoch: 4 }] } }))
    const { tenure } = nextTenure(lost.tenure, facts({ owner: 'n1', dead: { n2: [{ epoch: 4 }] } }))
    assert.equal(tenure.claims.get(IP)?.epoch, 5)
  })
  it('is taken by preference so many times a second, and the rest later', () => {
    const ips = Array.from({ length: 50 }, (_, at) => `192.0.2.${at}`)
    const given = {
      groups: ips.map((ip) => groupOf(ip)),
      owners: new Map(ips.map((ip) => [ip, 'n1'])),
      others: { n2: ips.map((ip) => ({ ip, epoch: 1 })) },
      pace: pace(),
    }
    const first = nextTenure(NO_TENURE, facts({ ...given, now: 0 }))
    assert.equal(first.serving.size, 2, 'a tenth of a second’s worth at once')
    assert.equal(first.lookAgainAt, 50)
    let { tenure } = first
    for (let now = 50; now < 1000; now += 50) ({ tenure } = nextTenure(tenure, facts({ ...given, now })))
    assert.equal(tenure.claims.size, 21)
  })
  it('is taken without that limit from nodes that want to be rid of it', () => {
    const ips = Array.from({ length: 50 }, (_, at) => `192.0.2.${at}`)
    const given = {
      groups: ips.map((ip) => groupOf(ip)),
      owners: new Map(ips.map((ip) => [ip, 'n1'])),
      others: { n2: ips.map((ip) => ({ ip, epoch: 1, releasing: true })) },
    }
    assert.equal(nextTenure(NO_TENURE, facts(given)).serving.size, 50)
  })
})

describe('a group of several addresses', () => {
  const TWO = ['192.0.2.1', '2001:db8::1']
  it('has one winner, who then claims all of it', () => {
    const before = (epochs: readonly number[]): Tenure => ({
      ...NO_TENURE,
      claims: new Map(
        TWO.map((ip, at): [string, HeldClaim] => [
          ip,
          { ip, epoch: epochs[at] ?? 0, minority: false, releasing: false, since: 0, cause: 'first' },
        ]),
      ),
    })
    const seenBy = (self: string, mine: readonly number[], theirs: readonly number[]) => {
      const other = self === 'n1' ? 'n2' : 'n1'
      const claims = TWO.map((ip, at) => ({ ip, epoch: theirs[at] ?? 0 }))
      const given = facts({ self, owner: 'n1', groups: [groupOf(...TWO)], others: { [other]: claims } })
      return nextTenure(before(mine), given)
    }
    // n1 has the higher epoch on one address, n2 on the other, and the lower one in all.
    const n1 = seenBy('n1', [5, 1], [1, 4])
    const n2 = seenBy('n2', [1, 4], [5, 1])
    assert.deepEqual([n1.serving.size, n2.serving.size], [1, 0])
    assert.deepEqual(
      TWO.map((ip) => n1.tenure.claims.get(ip)?.epoch),
      [5, 5],
    )
  })
})
