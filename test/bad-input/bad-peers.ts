import { bad, type BadResource, peer, peerObject, profile } from './resources.ts'

export const BAD_PEERS: readonly BadResource[] = [
  bad(
    'speaker',
    'a peer whose own ASN is 0',
    peer({ myASN: 0 }),
    'BGPPeer bad: spec.myASN: found 0; accepted: a whole number from 1 to 4294967295',
  ),
  bad(
    'speaker',
    'an ASN above 32 bits',
    peer({ peerASN: 4_294_967_296 }),
    'BGPPeer bad: spec.peerASN: found 4294967296; accepted: a whole number from 0 to 4294967295',
  ),
  bad(
    'speaker',
    'a peer with a number and a dynamic ASN',
    peer({ dynamicASN: 'external' }),
    'BGPPeer bad: spec.peerASN: found both peerASN 64513 and dynamicASN external; accepted: exactly one of peerASN and dynamicASN',
  ),
  bad(
    'speaker',
    'a peer with an address and an interface',
    peer({ interface: 'eth0' }),
    'BGPPeer bad: spec.peerAddress: found both peerAddress 192.0.2.1 and interface eth0; accepted: exactly one of peerAddress and interface',
  ),
  bad(
    'speaker',
    'a peer address that is a name',
    peer({ peerAddress: 'router.example' }),
    'BGPPeer bad: spec.peerAddress: found "router.example"; accepted: an IPv4 or IPv6 address without a zone',
  ),
  bad(
    'speaker',
    'a peer address with a zone',
    peer({ peerAddress: 'fe80::1%eth0' }),
    'BGPPeer bad: spec.peerAddress: found "fe80::1%eth0"; accepted: an IPv4 or IPv6 address without a zone',
  ),
  bad(
    'speaker',
    'a router id of IPv6',
    peer({ routerID: '2001:db8::1' }),
    'BGPPeer bad: spec.routerID: found "2001:db8::1"; accepted: an IPv4 address',
  ),
  bad(
    'speaker',
    'a hold time of 2 s',
    peer({ holdTime: '2s' }),
    'BGPPeer bad: spec.holdTime: found 2s; accepted: 0, or 3s to 65535s',
  ),
  bad(
    'speaker',
    'keepalives slower than the hold time',
    peer({ holdTime: '9s', keepaliveTime: '10s' }),
    'BGPPeer bad: spec.keepaliveTime: found 10s with a holdTime of 9s; accepted: at most the holdTime',
  ),
  bad(
    'speaker',
    'a duration without a unit',
    peer({ holdTime: '90' }),
    'BGPPeer bad: spec.holdTime: found "90"; accepted: a duration such as 90s, 1m30s or 1500ms',
  ),
  bad(
    'speaker',
    'multi-hop on an internal session',
    peer({ peerASN: 64512, ebgpMultiHop: true }),
    "BGPPeer bad: spec.ebgpMultiHop: found true with peerASN 64512, which is the session's own ASN; accepted: false for an iBGP session",
  ),
  bad(
    'speaker',
    'a password and a Secret',
    peer({ password: 'x', passwordSecret: { name: 'y' } }),
    'BGPPeer bad: spec.password: found together with passwordSecret; accepted: at most one of the two',
  ),
  bad(
    'speaker',
    'a Secret that is not there',
    peer({ passwordSecret: { name: 'no-such' } }),
    'BGPPeer bad: spec.passwordSecret.name: found "no-such", but there is no such Secret in the namespace of the peer; accepted: a Secret of type kubernetes.io/basic-auth with the key "password"',
  ),
  bad(
    'speaker',
    'a BFD profile that is not there',
    peer({ bfdProfile: 'no-such' }),
    'BGPPeer bad: spec.bfdProfile: found "no-such"; accepted: the name of a BFDProfile that exists',
  ),
  bad(
    'speaker',
    'two peers that are one',
    [peerObject('bad', {}), peerObject('bad-too', {})],
    'BGPPeer bad-too: spec: found a second session to 192.0.2.1 port 179, as in BGPPeer bad, on a node that both select; accepted: peers that differ in peerAddress or interface, peerPort, vrf or sourceAddress',
  ),
  bad(
    'speaker',
    'a BFD multiplier of 1',
    profile({ detectMultiplier: 1 }),
    'BFDProfile bad: spec.detectMultiplier: found 1; accepted: a whole number from 2 to 255',
  ),
  bad(
    'speaker',
    'a BFD interval of 5 ms',
    profile({ receiveInterval: 5 }),
    'BFDProfile bad: spec.receiveInterval: found 5; accepted: a whole number from 10 to 60000',
  ),
]
