import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileSpeaker } from '../compile-speaker.ts'
import type { BgpPeerPolicy } from '../config.ts'
import { KINDS } from '../names.ts'
import { describeProblems } from '../problem.ts'
import { type SampleObject, sampleObject, sampleObjects, samplePeer } from '../sample-objects.ts'
import { DEFAULT_PEER_POLICY, readBgpPeerPolicy } from './bgp-peer-policy.ts'

const policy = (name: string, spec?: object): SampleObject => sampleObject(KINDS.bgpPeerPolicy, name, spec)

/** What is in effect for peer `tor`, or what is wrong. */
function effectOf(...policies: readonly SampleObject[]): BgpPeerPolicy | string | undefined {
  const objects = sampleObjects({ bgpPeers: [samplePeer('tor')], bgpPeerPolicies: policies })
  const compiled = compileSpeaker(objects, { name: 'n1', labels: {} })
  return compiled.ok ? compiled.config.bgpPeers[0]?.policy : describeProblems(compiled.problems)
}

describe('the policy of a peer', () => {
  const ALL = policy('a', { passive: true })
  const rows: [what: string, policies: readonly SampleObject[], effect: Partial<BgpPeerPolicy>][] = [
    ['is the defaults without an object', [], {}],
    ['is the defaults with an empty one', [policy('a')], {}],
    ['is the one for all', [ALL], { passive: true }],
    ['is the one that names it, before that for all', [ALL, policy('z', { peers: ['tor'] })], {}],
    ['is the one for all, when others are named', [ALL, policy('z', { peers: ['spine'] })], { passive: true }],
    [
      'says all it can say',
      [
        policy('a', {
          peers: ['tor'],
          passive: true,
          listenPort: 1179,
          gracefulShutdown: '1m30s',
          gracefulRestart: { restartTime: '4095s' },
          weightedECMP: { megabitsPerEndpoint: 10, minInterval: '100ms' },
          minimumTTL: 254,
        }),
      ],
      {
        passive: true,
        listenPort: 1179,
        gracefulShutdownMs: 90_000,
        restartSeconds: 4095,
        weightedEcmp: { megabitsPerEndpoint: 10, minIntervalMs: 100 },
        minimumTtl: 254,
      },
    ],
    [
      'has defaults for the weight, once it is asked for',
      [policy('a', { weightedECMP: {} })],
      { weightedEcmp: { megabitsPerEndpoint: 1000, minIntervalMs: 1000 } },
    ],
    ['withdraws at once when told so', [policy('a', { gracefulShutdown: '0s' })], { gracefulShutdownMs: 0 }],
  ]
  for (const [what, policies, effect] of rows) {
    it(what, () => assert.deepEqual(effectOf(...policies), { ...DEFAULT_PEER_POLICY, ...effect }))
  }

  const refused: [what: string, policies: readonly SampleObject[], tells: RegExp][] = [
    ['two for all', [policy('a'), policy('b')], /BGPPeerPolicy b: spec\.peers: .*all peers.*BGPPeerPolicy a;/],
    [
      'two that name it',
      [policy('a', { peers: ['x', 'tor'] }), policy('b', { peers: ['tor'] })],
      /BGPPeerPolicy b: spec\.peers\[0\]: .*BGPPeer tor.*BGPPeerPolicy a;/,
    ],
    ['one that says nothing of use', [policy('a', { minimumTTL: 0 })], /spec\.minimumTTL: found 0/],
  ]
  for (const [what, policies, tells] of refused) {
    it(`is not to be had from ${what}`, () => assert.match(JSON.stringify(effectOf(...policies)), tells))
  }
})

describe('a BGPPeerPolicy', () => {
  const rows: [field: string, value: unknown][] = [
    ['peers', ['']],
    ['peers', ['a', 'a']],
    ['listenPort', 0],
    ['gracefulShutdown', '601s'],
    ['gracefulShutdown', 1],
    ['gracefulRestart', { restartTime: '1.5s' }],
    ['gracefulRestart', { restartTime: '1.000000001s' }],
    ['weightedECMP', { minInterval: '99ms' }],
    ['weightedECMP', true],
    ['minimumTTL', 256],
  ]
  for (const [field, value] of rows) {
    it(`is refused with ${field} ${JSON.stringify(value)}`, () => {
      const read = readBgpPeerPolicy(policy('a', { passive: true, [field]: value }))
      assert.ok(!read.ok)
      assert.match(read.problems[0]?.path ?? '', new RegExp(`^spec\\.${field}`))
    })
  }
})
