/** What people have in their clusters and tutorials show; all of it is taken as it stands, by `kubectl apply`. */
export const TUTORIALS: Readonly<Record<string, string>> = {
  'a pool of a range and the advertisement that names it': `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: first-pool
  namespace: metallb-system
spec:
  addresses:
  - 192.168.67.120-192.168.67.200
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata:
  name: first-pool
  namespace: metallb-system
spec:
  ipAddressPools:
  - first-pool
`,
  'an advertisement of everything, without a spec': `
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata:
  name: example
  namespace: metallb-system
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata:
  name: example
  namespace: metallb-system
`,
  'blocks and ranges of both families, blanks included': `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: mixed
  namespace: metallb-system
spec:
  autoAssign: false
  avoidBuggyIPs: true
  addresses:
  - 192.168.10.0/24
  - 192.168.9.1 - 192.168.9.5
  - fc00:f853:0ccd:e799::/124
  - 10.0.0.17/29
`,
  'a pool for some namespaces and Services': `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: for-some
  namespace: metallb-system
spec:
  addresses: [192.168.20.0/24]
  serviceAllocation:
    priority: 50
    namespaces: [namespace-a, namespace-b]
    namespaceSelectors:
    - matchLabels: {foo: bar}
    serviceSelectors:
    - matchExpressions:
      - {key: app, operator: In, values: [bar]}
`,
  'layer 2 on some nodes and interfaces': `
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata:
  name: some-nodes
  namespace: metallb-system
spec:
  ipAddressPoolSelectors:
  - matchLabels: {zone: east}
  nodeSelectors:
  - matchLabels: {kubernetes.io/hostname: NodeA}
  - matchLabels: {kubernetes.io/hostname: NodeB}
  interfaces: [eth0, eth1]
`,
  'a router, as most write it': `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: sample
  namespace: metallb-system
spec:
  myASN: 64500
  peerASN: 64501
  peerAddress: 10.0.0.1
`,
  'a router with everything that was left empty by a template': `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: template
  namespace: metallb-system
spec:
  myASN: 64512
  peerASN: 64512
  peerAddress: 172.30.0.3
  peerPort: 180
  sourceAddress: ""
  routerID: ""
  bfdProfile: ""
  vrf: ""
  interface: ""
  password: ""
  passwordSecret: {}
  nodeSelectors: []
  ebgpMultiHop: false
`,
  'a router with timers, BFD and a password in a Secret': `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata:
  name: full
  namespace: metallb-system
spec:
  myASN: 4200000000
  peerASN: 64501
  peerAddress: 2001:db8::1
  holdTime: 1m30s
  keepaliveTime: 30s
  connectTime: 10s
  bfdProfile: testbfdprofile
  ebgpMultiHop: true
  passwordSecret:
    name: bgp-password
    namespace: metallb-system
  nodeSelectors:
  - matchExpressions:
    - key: kubernetes.io/hostname
      operator: In
      values: [hostA, hostB]
---
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata:
  name: testbfdprofile
  namespace: metallb-system
spec:
  receiveInterval: 380
  transmitInterval: 270
---
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata:
  name: defaults
  namespace: metallb-system
spec: {}
`,
  'a router of the older version, with timers that are off': `
apiVersion: metallb.io/v1beta1
kind: BGPPeer
metadata:
  name: older
  namespace: metallb-system
spec:
  myASN: 64512
  peerASN: 64513
  peerAddress: 10.0.0.2
  peerPort: 0
  holdTime: 0s
  keepaliveTime: 0s
`,
  'BGP with aggregation, communities and aliases': `
apiVersion: metallb.io/v1beta1
kind: Community
metadata:
  name: communities
  namespace: metallb-system
spec:
  communities:
  - name: vpn-only
    value: "1234:1"
  - name: NO_ADVERTISE
    value: 65535:65282
  - name: big
    value: large:4200000000:1:2
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata:
  name: aggregated
  namespace: metallb-system
spec:
  aggregationLength: 24
  aggregationLengthV6: 64
  localPref: 100
  communities: [vpn-only, "65535:65282", "large:123:456:7890"]
  ipAddressPools: [bgp-pool]
  peers: [sample, full]
`,
}
