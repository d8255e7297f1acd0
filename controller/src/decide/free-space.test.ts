import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Address,
  formatAddress,
  nextAddress,
  parseAddress,
  parsePrefix,
  parseRange,
  type Range,
  rangeOfPrefix,
} from '@steelyard/net'
import { array, assert as assertProperty, boolean, nat, property, record } from 'fast-check'
import { type FreeSpace, freeSpace, giveAddress, hasFree, lowestFree, takeAddress } from './free-space.ts'

function rangesOf(...lines: readonly string[]): Range[] {
  return lines.map((line) => {
    const prefix = parsePrefix(line)
    const range = prefix === undefined ? parseRange(line) : rangeOfPrefix(prefix)
    if ('problem' in range) throw new Error(range.problem)
    return range
  })
}

function address(text: string): Address {
  const found = parseAddress(text)
  if (found === undefined) throw new Error(`${text} is no address`)
  return found
}

/** Takes the lowest free address again and again. */
function takeMany(space: FreeSpace, count: number): string[] {
  const taken: string[] = []
  for (let lowest = lowestFree(space); lowest !== undefined && taken.length < count; lowest = lowestFree(space)) {
    takeAddress(space, lowest.line, lowest.address)
    taken.push(formatAddress(lowest.address))
  }
  return taken
}

const ANY = { avoidBuggyIPs: false }
const NO_BUGGY = { avoidBuggyIPs: true }

describe('the free addresses of a pool', () => {
  const walks: [name: string, lines: string[], rule: typeof ANY, expected: string[]][] = [
    [
      'network and broadcast addresses are ordinary',
      ['10.0.0.0/30'],
      ANY,
      ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3'],
    ],
    ['both addresses of a /31 are ordinary', ['10.0.0.254/31'], ANY, ['10.0.0.254', '10.0.0.255']],
    ['a /32 is one address', ['10.0.0.7/32'], ANY, ['10.0.0.7']],
    ['the first address of an IPv6 block is ordinary', ['fd00::/127'], ANY, ['fd00::', 'fd00::1']],
    [
      'the very last addresses of a family can be had',
      ['255.255.255.254/31'],
      ANY,
      ['255.255.255.254', '255.255.255.255'],
    ],
    [
      'lines are used in the order they are written',
      ['10.0.1.0/31', '10.0.0.4-10.0.0.5'],
      ANY,
      ['10.0.1.0', '10.0.1.1', '10.0.0.4', '10.0.0.5'],
    ],
    [
      'avoidBuggyIPs steps over .255 and .0',
      ['10.0.0.253-10.0.1.2'],
      NO_BUGGY,
      ['10.0.0.253', '10.0.0.254', '10.0.1.1', '10.0.1.2'],
    ],
    [
      'avoidBuggyIPs at both ends',
      ['10.0.0.0/24'],
      NO_BUGGY,
      Array.from({ length: 254 }, (_, at) => `10.0.0.${at + 1}`),
    ],
    ['avoidBuggyIPs may leave nothing', ['10.0.0.255-10.0.1.0', '10.9.0.0/32'], NO_BUGGY, []],
    ['avoidBuggyIPs means nothing in IPv6', ['fd00::ff-fd00::100'], NO_BUGGY, ['fd00::ff', 'fd00::100']],
  ]
  for (const [name, lines, rule, expected] of walks) {
    it(name, () => assert.deepEqual(takeMany(freeSpace(rangesOf(...lines), rule), 1000), expected))
  }

  it('steps over addresses that were asked for by name', () => {
    const space = freeSpace(rangesOf('10.0.0.0/29'), ANY)
    for (const text of ['10.0.0.1', '10.0.0.2', '10.0.0.5']) takeAddress(space, 0, address(text))
    assert.deepEqual(takeMany(space, 9), ['10.0.0.0', '10.0.0.3', '10.0.0.4', '10.0.0.6', '10.0.0.7'])
    assert.equal(hasFree(space), false)
  })

  it('hands out the lowest of what was given back before anything new', () => {
    const space = freeSpace(rangesOf('10.0.0.0/24'), ANY)
    takeMany(space, 10)
    for (const text of ['10.0.0.7', '10.0.0.3']) giveAddress(space, 0, address(text))
    assert.deepEqual(takeMany(space, 3), ['10.0.0.3', '10.0.0.7', '10.0.0.10'])
  })

  it('opens an earlier line again when it gets an address back', () => {
    const space = freeSpace(rangesOf('10.0.0.0/31', '10.0.1.0/31'), ANY)
    takeMany(space, 3)
    giveAddress(space, 0, address('10.0.0.1'))
    assert.deepEqual(takeMany(space, 9), ['10.0.0.1', '10.0.1.1'])
  })

  it('is empty without lines', () => assert.equal(lowestFree(freeSpace([], ANY)), undefined))

  it('agrees with a walk over the whole pool after any history', () => {
    const lines = rangesOf('10.0.1.250-10.0.2.6', '10.0.0.254-10.0.1.2', 'fd00::/125')
    const all = lines.flatMap((range, line) => addressesOf(range).map((at) => ({ line, at })))
    const history = array(record({ pick: nat(all.length - 1), lowest: boolean() }), {
      maxLength: 120,
      size: 'max',
    })
    assertProperty(
      property(history, boolean(), (steps, avoidBuggyIPs) => {
        const space = freeSpace(lines, { avoidBuggyIPs })
        const usable = all.filter(
          ({ at }) => !avoidBuggyIPs || at.family === 6 || !/\.(0|255)$/.test(formatAddress(at)),
        )
        const used = new Set<string>()
        for (const { pick, lowest } of steps) {
          const free = usable.filter(({ at }) => !used.has(formatAddress(at)))
          const found = lowestFree(space)
          assert.deepEqual(
            found && [found.line, formatAddress(found.address)],
            free[0] && [free[0].line, formatAddress(free[0].at)],
          )
          const chosen = lowest ? free[0] : usable[pick % usable.length]
          if (chosen === undefined) continue
          const text = formatAddress(chosen.at)
          if (used.delete(text)) giveAddress(space, chosen.line, chosen.at)
          else takeAddress(space, chosen.line, used.add(text) && chosen.at)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('remembers no more than was in use at one time, however often addresses come and go', () => {
    const space = freeSpace(rangesOf('10.0.0.0/8'), ANY)
    for (let round = 0; round < 200; round++) {
      const taken = takeMany(space, 20)
      for (const text of taken) giveAddress(space, 0, address(text))
    }
    const [line] = space.lines
    const remembered = line?.holes.pieces.reduce((sum, piece) => sum + piece.length, 0)
    assert.equal(remembered, 20)
  })
})

function addressesOf({ first, last }: Range): Address[] {
  const found: Address[] = []
  for (let at: Address | undefined = first; at !== undefined; at = nextAddress(at)) {
    found.push(at)
    if (formatAddress(at) === formatAddress(last)) break
  }
  return found
}
