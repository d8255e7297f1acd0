import { GROUP, KINDS, OWN_GROUP, OWN_VERSION } from '@steelyard/model'

/** What is judged at one path, and what of the stored objects that takes. */
export type AdmissionPath = {
  readonly path: string
  readonly kind: string
  readonly needs: readonly StoredKind[]
}

export type StoredKind = 'pools' | 'communities' | 'bgpAdvertisements' | 'bgpPeers' | 'bgpPeerPolicies' | 'nodes'

const V1BETA1 = 'v1beta1'
const V1BETA2 = 'v1beta2'

export const ADMISSION_PATHS: readonly AdmissionPath[] = [
  pathOf(KINDS.ipAddressPool, V1BETA1, ['pools']),
  pathOf(KINDS.l2Advertisement, V1BETA1, []),
  pathOf(KINDS.bgpAdvertisement, V1BETA1, ['pools', 'communities', 'bgpAdvertisements', 'nodes']),
  pathOf(KINDS.bgpPeer, V1BETA2, ['bgpPeers', 'nodes']),
  pathOf(KINDS.bfdProfile, V1BETA1, ['bgpPeers']),
  pathOf(KINDS.community, V1BETA1, ['communities']),
  pathOf(KINDS.bgpPeerPolicy, OWN_VERSION, ['bgpPeerPolicies'], OWN_GROUP),
]

function pathOf(kind: string, version: string, needs: readonly StoredKind[], group: string = GROUP): AdmissionPath {
  return { path: `/validate-${group.replaceAll('.', '-')}-${version}-${kind.toLowerCase()}`, kind, needs }
}

export function admissionPath(path: string): AdmissionPath | undefined {
  return ADMISSION_PATHS.find((one) => one.path === path)
}
