/** A kind as the API serves it. */
export type Kind = { readonly kind: string; readonly plural: string; readonly version: string }

/** A rule of a kind by example: what it refuses, and the nearest thing that passes. */
export type RuleExample = {
  readonly rule: string
  readonly refused: object
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
} as const satisfies Readonly<Record<string, Kind>>

export const NAMESPACE = 'metallb-system'

export function pathOf({ plural, version }: Kind, name?: string, subresource?: string): string {
  const parts = ['/apis/metallb.io', version, 'namespaces', NAMESPACE, plural, name, subresource]
  return parts.filter((part) => part !== undefined).join('/')
}

export function objectOf({ kind, version }: Kind, name: string, rest: object = {}): object {
  return { apiVersion: `metallb.io/${version}`, kind, metadata: { name, namespace: NAMESPACE }, ...rest }
}
