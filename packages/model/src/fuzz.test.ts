import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { compileController } from './compile-controller.ts'
import { compileSpeaker, type SpeakerObjects } from './compile-speaker.ts'
import type { Compiled } from './config.ts'
import { readConfigurationState } from './kinds/configuration-state.ts'
import { readServiceBgpStatus } from './kinds/service-bgp-status.ts'
import { readServiceL2Status } from './kinds/service-l2-status.ts'
import type { Secret } from './kubernetes.ts'
import { KINDS } from './names.ts'
import { sampleObject, samplePeer, samplePool, sampleSecret } from './sample-objects.ts'

/** Objects that are right, with every field set, for changing one spot of. */
const RIGHT: SpeakerObjects = {
  pools: [
    samplePool('a', {
      addresses: ['10.0.0.0/24', '10.0.1.1-10.0.1.9', '2001:db8::/64'],
      autoAssign: true,
      avoidBuggyIPs: true,
      serviceAllocation: {
        priority: 1,
        namespaces: ['shop'],
        namespaceSelectors: [{ matchLabels: { a: 'b' } }],
        serviceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b', 'c'] }] }],
      },
    }),
    samplePool('b'),
  ],
  communities: [sampleObject(KINDS.community, 'c', { communities: [{ name: 'hole', value: '65535:666' }] })],
  namespaces: [sampleObject('Namespace', 'shop', undefined, { a: 'b' })],
  l2Advertisements: [
    sampleObject(KINDS.l2Advertisement, 'l', {
      ipAddressPools: ['a'],
      ipAddressPoolSelectors: [{ matchLabels: { a: 'b' } }],
      nodeSelectors: [{}],
      serviceSelectors: [{ matchLabels: { a: 'b' } }],
      interfaces: ['eth0'],
      preferredNodeSelectors: [{ weight: 1, preference: { matchLabels: { a: 'b' } } }],
    }),
  ],
  bgpAdvertisements: [
    sampleObject(KINDS.bgpAdvertisement, 'x', {
      localPref: 1,
      communities: ['hole', '1:2'],
      peers: ['p'],
      aggregationLength: 31,
    }),
    sampleObject(KINDS.bgpAdvertisement, 'y', { localPref: 1, serviceSelectors: [{ matchLabels: { a: 'b' } }] }),
  ],
  bgpPeers: [
    samplePeer('p', {
      bfdProfile: 'f',
      passwordSecret: { name: 's' },
      holdTime: '9s',
      keepaliveTime: '3s',
      connectTime: '1s',
    }),
    samplePeer('q', { peerASN: 0, dynamicASN: 'internal', peerAddress: '', interface: 'eth0', password: 'x' }),
  ],
  bgpPeerPolicies: [
    sampleObject(KINDS.bgpPeerPolicy, 'policy', {
      peers: ['peer'],
      passive: true,
      listenPort: 1179,
      gracefulShutdown: '2s',
      gracefulRestart: { restartTime: '60s' },
      weightedECMP: { megabitsPerEndpoint: 10, minInterval: '2s' },
      minimumTTL: 255,
    }),
  ],
  bfdProfiles: [sampleObject(KINDS.bfdProfile, 'f', { receiveInterval: 100, echoMode: true })],
  secrets: [sampleSecret('s')],
}
const SELF = { name: 'n1', labels: {} }

function assertSound(compiled: Compiled<unknown>): void {
  if (compiled.ok) return
  assert.ok(compiled.problems.length > 0, 'refused without a problem')
  for (const { object, path, message } of compiled.problems) {
    assert.ok(object.length > 0 && message.length > 0 && typeof path === 'string')
    assert.match(message, /accepted: /)
  }
}

const anything = fc.jsonValue({ maxDepth: 3 })
const anyKind = fc.array(
  fc.oneof(anything, fc.record({ metadata: fc.record({ name: fc.string() }), spec: anything }), anything),
  { maxLength: 3 },
)

/** Everything a value can be replaced with to do harm. */
const harm = fc.oneof(
  anything,
  fc.constantFrom<unknown>(null, '', 'x', '0', 0, -1, 1.5, 2 ** 53, [], {}, [null], '::/0', '0.0.0.0/0', '1:2', true),
)

type Spot = readonly [holder: Record<string, unknown>, key: string]
function spotsOf(value: unknown): Spot[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((key) => [[holder, key] as const, ...spotsOf(holder[key])])
}

describe('whatever the objects hold', () => {
  it('the right ones compile', () => {
    const compiled = compileSpeaker(RIGHT, SELF)
    assert.deepEqual(compiled.ok ? [] : compiled.problems, [])
  })

  it('arbitrary JSON is compiled or told, never thrown at', () =>
    fc.assert(
      fc.property(fc.array(anyKind, { minLength: 9, maxLength: 9 }), (lists) => {
        const [pools, communities, namespaces, l2, bgp, peers, profiles, secrets, policies] =
          lists as unknown as SpeakerObjects['pools'][]
        const objects = {
          pools: pools ?? [],
          communities: communities ?? [],
          namespaces: namespaces ?? [],
          l2Advertisements: l2 ?? [],
          bgpAdvertisements: bgp ?? [],
          bgpPeers: peers ?? [],
          bfdProfiles: profiles ?? [],
          bgpPeerPolicies: policies ?? [],
          secrets: (secrets ?? []) as readonly Secret[],
        }
        assertSound(compileSpeaker(objects, SELF))
        assertSound(compileController(objects))
      }),
      { numRuns: 500 },
    ))

  it('right objects with one spot changed are compiled or told, never thrown at', () => {
    const count = spotsOf(RIGHT).length
    const outcomes = { compiled: 0, refused: 0 }
    fc.assert(
      fc.property(fc.nat({ max: count - 1 }), harm, (at, replacement) => {
        const objects = structuredClone(RIGHT)
        const [holder, key] = spotsOf(objects)[at] ?? assert.fail('no such spot')
        // A list itself is made by us and always a list; what is in it is not.
        if (holder === (objects as unknown)) return
        holder[key] = replacement
        const compiled = compileSpeaker(objects, SELF)
        outcomes[compiled.ok ? 'compiled' : 'refused']++
        assertSound(compiled)
        assertSound(compileController(objects))
      }),
      { numRuns: 3000 },
    )
    assert.ok(outcomes.compiled > 300 && outcomes.refused > 300, JSON.stringify(outcomes))
  })

  it('status objects are read or told, never thrown at', () =>
    fc.assert(
      fc.property(
        fc.oneof(anything, fc.record({ metadata: fc.constant({ name: 'x' }), status: anything })),
        (object) => {
          for (const read of [readConfigurationState, readServiceL2Status, readServiceBgpStatus]) {
            const result = read(object)
            assert.ok(result.ok || result.problems.length > 0)
          }
        },
      ),
      { numRuns: 500 },
    ))
})
