import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type SampleObject, samplePeer } from '../sample-objects.ts'
import type { StoredObjects } from './between.ts'
import { advertisement, community, HOME, judge, lines, pool, rack, TWO_POOLS } from './sample-changes.ts'

type UpdateRow = {
  readonly name: string
  readonly from: SampleObject
  readonly to: SampleObject
  readonly with: Partial<StoredObjects>
  /** How many mistakes are held against it, and how many are only told. */
  readonly held: number
  readonly tolerated: number
}

const TWO_PEERS = { bgpPeers: [samplePeer('x'), samplePeer('y', { peerAddress: '198.51.100.2' })] }
const UPDATES: readonly UpdateRow[] = [
  {
    name: 'a pool that is moved onto another is refused',
    from: pool('c', '10.0.2.0/24'),
    to: pool('c', '10.0.0.0/25'),
    with: TWO_POOLS,
    held: 1,
    tolerated: 0,
  },
  {
    name: 'a pool that overlapped two others may be mended of one overlap first',
    from: pool('c', '10.0.0.0/25', '10.0.1.0/25'),
    to: pool('c', '10.0.1.0/25'),
    with: TWO_POOLS,
    held: 0,
    tolerated: 1,
  },
  {
    name: 'a pool that overlapped another may be labelled',
    from: pool('c', '10.0.0.0/25'),
    to: { ...pool('c', '10.0.0.0/25'), metadata: { name: 'c', namespace: HOME, labels: { new: 'label' } } },
    with: TWO_POOLS,
    held: 0,
    tolerated: 1,
  },
  {
    name: 'a pool that overlapped another is refused a second overlap',
    from: pool('c', '10.0.0.0/25'),
    to: pool('c', '10.0.0.0/25', '10.0.1.0/25'),
    with: TWO_POOLS,
    held: 1,
    tolerated: 1,
  },
  {
    name: 'a pool with an entry written twice is refused a third',
    from: pool('c', '10.0.2.0/24', '10.0.2.0/24'),
    to: pool('c', '10.0.2.0/24', '10.0.2.0/24', '10.0.2.0/24'),
    with: {},
    held: 1,
    tolerated: 1,
  },
  {
    name: 'the widest of several overlapping entries may go, though the others are then told with one another',
    from: pool('c', '10.0.0.0/8', '10.0.0.0/15'),
    to: pool('c', '10.0.0.0/15'),
    with: TWO_POOLS,
    held: 0,
    tolerated: 2,
  },
  {
    name: 'of two bad entries one may be mended',
    from: pool('c', 'nonsense', '10.0.2.0', '10.0.3.0/24'),
    to: pool('c', '10.0.2.0', '10.0.3.0/24'),
    with: {},
    held: 0,
    tolerated: 1,
  },
  {
    name: 'a bad entry is refused an object that had none',
    from: pool('c', '10.0.3.0/24'),
    to: pool('c', '10.0.3.0'),
    with: {},
    held: 1,
    tolerated: 0,
  },
  {
    name: 'an object that could not be read may become one that can, whatever else is wrong with it',
    from: pool('c', 'nonsense', '10.0.0.0/25'),
    to: pool('c', '10.0.0.0/25'),
    with: TWO_POOLS,
    held: 0,
    tolerated: 1,
  },
  {
    name: 'a Community that repeated two names of another may give up one',
    from: community('c', 'one', 'two'),
    to: community('c', 'two'),
    with: { communities: [community('a', 'one', 'two')] },
    held: 0,
    tolerated: 1,
  },
  {
    name: 'an advertisement that clashed over two pools may leave one',
    from: advertisement('c', { localPref: 300, ipAddressPools: ['a', 'b'] }),
    to: advertisement('c', { localPref: 300, ipAddressPools: ['b'] }),
    with: { ...TWO_POOLS, bgpAdvertisements: [advertisement('o', {})] },
    held: 0,
    tolerated: 1,
  },
  {
    name: 'an advertisement that clashed on one rack is refused the other',
    from: advertisement('c', { localPref: 300, ...rack('a') }),
    to: advertisement('c', { localPref: 300 }),
    with: {
      ...TWO_POOLS,
      bgpAdvertisements: [
        advertisement('o', { ipAddressPools: ['a'], ...rack('a') }),
        advertisement('p', { ipAddressPools: ['b'], ...rack('b') }),
      ],
    },
    held: 1,
    tolerated: 1,
  },
  {
    name: 'a peer that was a copy of one is refused to become a copy of another',
    from: samplePeer('c'),
    to: samplePeer('c', { peerAddress: '198.51.100.2' }),
    with: TWO_PEERS,
    held: 1,
    tolerated: 0,
  },
  {
    name: 'a peer that was a copy of another may be changed elsewhere',
    from: samplePeer('c'),
    to: samplePeer('c', { connectTime: '10s' }),
    with: TWO_PEERS,
    held: 0,
    tolerated: 1,
  },
  {
    name: 'an object outside the namespace of the product may be changed, and is told about',
    from: { ...pool('c', '10.0.0.0/24'), metadata: { name: 'c', namespace: 'default' } },
    to: { ...pool('c', '10.0.0.0/25'), metadata: { name: 'c', namespace: 'default' } },
    with: TWO_POOLS,
    held: 0,
    tolerated: 1,
  },
]

describe('the judgement of a changed object', () => {
  for (const { name, from, to, with: part, held, tolerated } of UPDATES) {
    it(name, () => {
      const { problems, warnings } = judge({ operation: 'UPDATE', object: to, oldObject: from }, part)
      const told = { held: lines(problems), tolerated: lines(warnings) }
      assert.deepEqual({ held: problems.length, tolerated: warnings.length }, { held, tolerated }, JSON.stringify(told))
    })
  }
})
