import type { SpeakerObjects } from './compile-speaker.ts'
import type { KubeObject, Labels, Secret } from './kubernetes.ts'
import { GROUP, KINDS } from './names.ts'

/** Objects for tests. The spec may be anything: that is what the tests are about. */
export type SampleObject = KubeObject & { readonly spec?: unknown }

export function sampleObject(kind: string, name: string, spec?: unknown, labels: Labels = {}): SampleObject {
  const version = kind === KINDS.bgpPeer ? 'v1beta2' : 'v1beta1'
  const object = { apiVersion: `${GROUP}/${version}`, kind, metadata: { name, namespace: 'metallb-system', labels } }
  return spec === undefined ? object : { ...object, spec }
}

export function samplePool(name: string, spec: object = {}, labels: Labels = {}): SampleObject {
  return sampleObject(KINDS.ipAddressPool, name, { addresses: ['192.0.2.0/24'], ...spec }, labels)
}

export function samplePeer(name: string, spec: object = {}): SampleObject {
  return sampleObject(KINDS.bgpPeer, name, { myASN: 64512, peerASN: 64513, peerAddress: '198.51.100.1', ...spec })
}

export function sampleSecret(name: string, change: Partial<Secret> = {}): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/basic-auth',
    data: { password: Buffer.from('hunter2').toString('base64') },
    ...change,
  }
}

/** Nothing but what is given. */
export function sampleObjects(part: Partial<SpeakerObjects> = {}): SpeakerObjects {
  return {
    pools: [],
    communities: [],
    namespaces: [],
    l2Advertisements: [],
    bgpAdvertisements: [],
    bgpPeers: [],
    bfdProfiles: [],
    bgpPeerPolicies: [],
    secrets: [],
    ...part,
  }
}

/** Where objects of a kind stand among what a speaker reads. */
export const PLACE_OF_KIND: Readonly<Record<string, keyof SpeakerObjects>> = {
  [KINDS.ipAddressPool]: 'pools',
  [KINDS.community]: 'communities',
  [KINDS.l2Advertisement]: 'l2Advertisements',
  [KINDS.bgpAdvertisement]: 'bgpAdvertisements',
  [KINDS.bgpPeer]: 'bgpPeers',
  [KINDS.bfdProfile]: 'bfdProfiles',
  [KINDS.bgpPeerPolicy]: 'bgpPeerPolicies',
}
