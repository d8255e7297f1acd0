import { PRODUCT_NAMESPACE } from '../install.ts'

export const ROUTER_ASN = 64513
export const NODES_ASN = 64512
export const BGP_FIRST_ADDRESS = '198.51.100.1'

const meta = (name: string): string => `metadata:\n  name: ${name}\n  namespace: ${PRODUCT_NAMESPACE}`

/** A pool of addresses that are on no LAN, the router as a peer, and leave to announce them to it. */
export function bgpExample(routerAddress: string): string {
  return `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
${meta('far-pool')}
spec:
  addresses:
    - ${BGP_FIRST_ADDRESS}-198.51.100.254
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
${meta('rt')}
spec:
  myASN: ${NODES_ASN}
  peerASN: ${ROUTER_ASN}
  peerAddress: ${routerAddress}
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
${meta('example')}
spec:
  ipAddressPools:
    - far-pool
`
}
