import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type BgpPeer, compileSpeaker, describeProblems, KINDS, type SpeakerObjects } from '@steelyard/model'
import { parse } from 'yaml'
import { NAMESPACE } from '../../testing/objects.ts'
import { CHANGE_TABLE } from './change-table.ts'
import { sessionChange } from './session-change.ts'

const ROOT = new URL('../../../../', import.meta.url).pathname

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}
type Crd = {
  readonly spec: {
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[]
  }
}

/** Each field of a spec that holds a value, and lists of selectors as one. */
function fieldsOf({ properties = {} }: Schema, path = ''): readonly string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const inner = property.items ?? property
    const names = Object.keys(inner.properties ?? {})
    const at = `${path}${name}`
    if (names.length === 0 || names.includes('matchLabels')) return [at]
    return fieldsOf(inner, `${at}${property.items === undefined ? '' : '[]'}.`)
  })
}

const CRDS = globSync('crds/*.yaml', { cwd: ROOT }).map(
  (file) => parse(readFileSync(`${ROOT}${file}`, 'utf8'), { maxAliasCount: 1000 }) as Crd,
)

describe('every field of every kind is in the table', () => {
  it('finds the kinds', () => assert.equal(CRDS.length, 12))
  for (const { spec } of CRDS) {
    const { kind } = spec.names
    const fields = spec.versions.flatMap(({ schema }) => fieldsOf(schema.openAPIV3Schema.properties?.['spec'] ?? {}))
    it(`${kind}: ${new Set(fields).size} fields, each once`, () => {
      const told = CHANGE_TABLE.filter((row) => row.kind === kind).map(({ field }) => field)
      // Present is on: that the object is there says something by itself.
      const also = kind === KINDS.bgpPeerPolicy ? ['weightedECMP'] : []
      assert.deepEqual([...told].sort(), [...new Set(fields), ...also].sort())
    })
  }
})

type Specs = { readonly peer?: object; readonly policy?: object }

const PEER = { myASN: 64_512, peerASN: 64_513, peerAddress: '192.0.2.1', enableGracefulRestart: true }
const named = (kind: string, name: string, spec: object) => ({ kind, metadata: { name, namespace: NAMESPACE }, spec })
const secret = (name: string) => ({
  kind: 'Secret',
  metadata: { name, namespace: NAMESPACE },
  type: 'kubernetes.io/basic-auth',
  data: { password: Buffer.from(name).toString('base64') },
})

function compiled({ peer = {}, policy = {} }: Specs): BgpPeer {
  const objects = {
    pools: [],
    communities: [],
    namespaces: [],
    l2Advertisements: [],
    bgpAdvertisements: [],
    bgpPeers: [named('BGPPeer', 'tor', { ...PEER, ...peer })],
    bfdProfiles: ['fast', 'slow'].map((name) => named('BFDProfile', name, {})),
    bgpPeerPolicies: [named('BGPPeerPolicy', 'all', { passive: true, ...policy })],
    secrets: ['one', 'other'].map(secret),
  } as unknown as SpeakerObjects
  const result = compileSpeaker(objects, { name: 'n1', labels: { rack: 'a' } })
  assert.ok(result.ok, result.ok ? '' : describeProblems(result.problems))
  const [only] = result.config.bgpPeers
  assert.ok(only !== undefined)
  return only
}

/** One change of each field of a peer and of its policy, on top of `PEER`. */
const CHANGES: Readonly<Record<string, readonly [before: Specs, after: Specs]>> = {
  'BGPPeer myASN': [{}, { peer: { myASN: 64_600 } }],
  'BGPPeer peerASN': [{}, { peer: { peerASN: 64_600 } }],
  'BGPPeer dynamicASN': [{}, { peer: { peerASN: undefined, dynamicASN: 'external' } }],
  'BGPPeer localASN': [{}, { peer: { localASN: 64_600 } }],
  'BGPPeer peerAddress': [{}, { peer: { peerAddress: '192.0.2.2' } }],
  'BGPPeer interface': [{}, { peer: { peerAddress: undefined, interface: 'eth0' } }],
  'BGPPeer peerPort': [{}, { peer: { peerPort: 1179 } }],
  'BGPPeer sourceAddress': [{}, { peer: { sourceAddress: '192.0.2.9' } }],
  'BGPPeer routerID': [{}, { peer: { routerID: '192.0.2.9' } }],
  'BGPPeer vrf': [{}, { peer: { vrf: 'red' } }],
  'BGPPeer bfdProfile': [{ peer: { bfdProfile: 'slow' } }, { peer: { bfdProfile: 'fast' } }],
  'BGPPeer holdTime': [{}, { peer: { holdTime: '30s', keepaliveTime: '30s' } }],
  'BGPPeer keepaliveTime': [{ peer: { holdTime: '90s' } }, { peer: { holdTime: '90s', keepaliveTime: '10s' } }],
  'BGPPeer connectTime': [{}, { peer: { connectTime: '5s' } }],
  'BGPPeer nodeSelectors': [{}, { peer: { nodeSelectors: [{ matchLabels: { rack: 'a' } }] } }],
  'BGPPeer password': [{ peer: { password: 'a' } }, { peer: { password: 'b' } }],
  'BGPPeer passwordSecret.name': [
    { peer: { passwordSecret: { name: 'one' } } },
    { peer: { passwordSecret: { name: 'other' } } },
  ],
  'BGPPeer passwordSecret.namespace': [
    { peer: { passwordSecret: { name: 'one' } } },
    { peer: { passwordSecret: { name: 'one', namespace: 'other' } } },
  ],
  'BGPPeer enableGracefulRestart': [{}, { peer: { enableGracefulRestart: false } }],
  'BGPPeer ebgpMultiHop': [{}, { peer: { ebgpMultiHop: true } }],
  'BGPPeer dualStackAddressFamily': [{}, { peer: { dualStackAddressFamily: true } }],
  'BGPPeer disableMP': [{}, { peer: { disableMP: true } }],
  'BGPPeerPolicy peers': [{}, { policy: { peers: ['tor'] } }],
  'BGPPeerPolicy passive': [{}, { policy: { passive: false } }],
  'BGPPeerPolicy listenPort': [{}, { policy: { listenPort: 1179 } }],
  'BGPPeerPolicy gracefulShutdown': [{}, { policy: { gracefulShutdown: '9s' } }],
  'BGPPeerPolicy gracefulRestart.restartTime': [{}, { policy: { gracefulRestart: { restartTime: '9s' } } }],
  'BGPPeerPolicy weightedECMP': [{}, { policy: { weightedECMP: {} } }],
  'BGPPeerPolicy weightedECMP.megabitsPerEndpoint': [
    { policy: { weightedECMP: {} } },
    { policy: { weightedECMP: { megabitsPerEndpoint: 1 } } },
  ],
  'BGPPeerPolicy weightedECMP.minInterval': [
    { policy: { weightedECMP: {} } },
    { policy: { weightedECMP: { minInterval: '9s' } } },
  ],
  'BGPPeerPolicy minimumTTL': [{}, { policy: { minimumTTL: 255 } }],
}

describe('a change of a peer does to its session what the table says', () => {
  const concerned: ReadonlySet<string> = new Set([KINDS.bgpPeer, KINDS.bgpPeerPolicy])
  const told = CHANGE_TABLE.filter(({ kind }) => concerned.has(kind))
  it('has an example of each', () =>
    assert.deepEqual(told.map(({ kind, field }) => `${kind} ${field}`).sort(), Object.keys(CHANGES).sort()))
  for (const { kind, field, effect } of told) {
    it(`${kind} ${field}: ${effect}`, () => {
      const [before, after] = CHANGES[`${kind} ${field}`] ?? [{}, {}]
      const expected = effect === 'refresh' ? 'nothing' : effect
      assert.equal(sessionChange(compiled(before), compiled(after)), expected)
      assert.equal(sessionChange(compiled(after), compiled(before)), expected, 'and back')
    })
  }

  const nothing: [what: string, before: Specs, after: Specs][] = [
    ['an object that is the same', {}, {}],
    ['myASN where localASN hides it', { peer: { localASN: 1 } }, { peer: { localASN: 1, myASN: 64_600 } }],
    ['timers that are written and were the defaults', {}, { peer: { holdTime: '90s', keepaliveTime: '30s' } }],
    [
      'both families where both are carried already',
      { peer: { peerAddress: undefined, interface: 'eth0' } },
      { peer: { peerAddress: undefined, interface: 'eth0', dualStackAddressFamily: true } },
    ],
    [
      'a restart time without graceful restart',
      { peer: { enableGracefulRestart: false } },
      { peer: { enableGracefulRestart: false }, policy: { gracefulRestart: { restartTime: '9s' } } },
    ],
    [
      'an address that is written in another way',
      { peer: { peerAddress: '2001:db8::1' } },
      { peer: { peerAddress: '2001:DB8:0::1' } },
    ],
  ]
  for (const [what, before, after] of nothing) {
    it(`nothing for ${what}`, () => assert.equal(sessionChange(compiled(before), compiled(after)), 'nothing'))
  }

  it('a reset when one field asks for it and another does not', () =>
    assert.equal(sessionChange(compiled({}), compiled({ peer: { peerPort: 1179, password: 'x' } })), 'reset'))
})
