import type { KubeObject } from '@steelyard/model'

/** A resource that the API server may hold (an older schema, a removed rule) and that a process must refuse by itself. */
export type BadResource = {
  readonly what: string
  /** Whose configuration it spoils. */
  readonly program: 'controller' | 'speaker'
  readonly objects: readonly KubeObject[]
  /** The message that `ConfigurationState` shows. */
  readonly says: string
}

export const NAMESPACE = 'metallb-system'
export const object = (kind: string, name: string, rest: object, version = 'v1beta1'): KubeObject => ({
  apiVersion: `metallb.io/${version}`,
  kind,
  metadata: { name, namespace: NAMESPACE },
  ...rest,
})
export const pool = (spec: unknown): readonly KubeObject[] => [object('IPAddressPool', 'bad', { spec })]
export const l2 = (spec: unknown): readonly KubeObject[] => [object('L2Advertisement', 'bad', { spec })]
export const bgp = (spec: unknown): readonly KubeObject[] => [object('BGPAdvertisement', 'bad', { spec })]
export const peerObject = (name: string, spec: object): KubeObject =>
  object('BGPPeer', name, { spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...spec } }, 'v1beta2')
export const peer = (spec: object): readonly KubeObject[] => [peerObject('bad', spec)]
export const profile = (spec: object): readonly KubeObject[] => [object('BFDProfile', 'bad', { spec })]
export const community = (...communities: unknown[]): readonly KubeObject[] => [
  object('Community', 'bad', { spec: { communities } }),
]
export const bad = (
  program: BadResource['program'],
  what: string,
  objects: readonly KubeObject[],
  says: string,
): BadResource => ({ program, what, objects, says })
