/** A kind as the API serves it: of `metallb.io` and in namespaces, unless it says otherwise. */
export type Kind = {
  readonly kind: string
  readonly plural: string
  readonly version: string
  readonly group?: string
  readonly clusterWide?: true
  /** The one name that such an object may have. */
  readonly onlyName?: string
}

/** A rule of a kind by example: what it refuses, and the nearest thing that passes. */
export type RuleExample = {
  readonly rule: string
  readonly refused: object
  /** Where the name is what is wrong: it, and then the specs are alike. */
  readonly refusedName?: string
  /** The field that the refusal names. */
  readonly at: string
  /** What it says after `Invalid value: `; a scalar is shown there by the API server itself, in front. */
  readonly says: string
  readonly accepted: object
  /** What the programs cannot judge without other objects: here the alias that a community names. */
  readonly acceptedNeedsOthers?: true
}

export const KINDS = {
  pool: { kind: 'IPAddressPool', plural: 'ipaddresspools', version: 'v1beta1' },
  l2: { kind: 'L2Advertisement', plural: 'l2advertisements', version: 'v1beta1' },
  bgp: { kind: 'BGPAdvertisement', plural: 'bgpadvertisements', version: 'v1beta1' },
  peer: { kind: 'BGPPeer', plural: 'bgppeers', version: 'v1beta2' },
  oldPeer: { kind: 'BGPPeer', plural: 'bgppeers', version: 'v1beta1' },
  bfd: { kind: 'BFDProfile', plural: 'bfdprofiles', version: 'v1beta1' },
  community: { kind: 'Community', plural: 'communities', version: 'v1beta1' },
  l2Status: { kind: 'ServiceL2Status', plural: 'servicel2statuses', version: 'v1beta1' },
  bgpStatus: { kind: 'ServiceBGPStatus', plural: 'servicebgpstatuses', version: 'v1beta1' },
  state: { kind: 'ConfigurationState', plural: 'configurationstates', version: 'v1beta1' },
  policy: {
    kind: 'SpeakerPolicy',
    plural: 'speakerpolicies',
    version: 'v1alpha1',
    group: 'steelyard.dev',
    clusterWide: true,
    onlyName: 'default',
  },
  peerPolicy: {
    kind: 'BGPPeerPolicy',
    plural: 'bgppeerpolicies',
    version: 'v1alpha1',
    group: 'steelyard.dev',
  },
  speakerStatus: {
    kind: 'SpeakerStatus',
    plural: 'speakerstatuses',
    version: 'v1alpha1',
    group: 'steelyard.dev',
  },
} as const satisfies Readonly<Record<string, Kind>>

export const NAMESPACE = 'metallb-system'

export function groupOf({ group = 'metallb.io' }: Kind): string {
  return group
}

/** `fallback`, unless the kind knows only one name. */
export function nameOf({ onlyName }: Kind, fallback: string): string {
  return onlyName ?? fallback
}

export function pathOf(kind: Kind, name?: string, subresource?: string): string {
  const where = kind.clusterWide === true ? [] : ['namespaces', NAMESPACE]
  const parts = ['/apis', groupOf(kind), kind.version, ...where, kind.plural, name, subresource]
  return parts.filter((part) => part !== undefined).join('/')
}

export function objectOf(kind: Kind, name: string, rest: object = {}): object {
  const metadata = kind.clusterWide === true ? { name } : { name, namespace: NAMESPACE }
  return { apiVersion: `${groupOf(kind)}/${kind.version}`, kind: kind.kind, metadata, ...rest }
}
