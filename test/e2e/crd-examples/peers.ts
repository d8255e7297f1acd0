import type { RuleExample } from './example.ts'

/** What every example starts from. Written in full, it is good in both versions. */
export const PEER = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1' }

const ADDRESS = 'accepted: an IPv4 or IPv6 address without a zone, such as 192.0.2.1 or 2001:db8::1'

type Change = Readonly<Record<string, unknown>>

function peer(rule: string, refused: Change, at: string, [says, accepted]: readonly [string, Change]): RuleExample {
  return { rule, refused: { ...PEER, ...refused }, at: `spec.${at}`, says, accepted: { ...PEER, ...accepted } }
}

function field(rule: string, name: string, refused: string, [says, accepted]: readonly [string, string]): RuleExample {
  return peer(rule, { [name]: refused }, name, [`"${refused}": found "${refused}"; ${says}`, { [name]: accepted }])
}

const HOLD = 'accepted: 0, or a duration from 3s to 65535s'
const CONNECT = 'accepted: whole seconds from 1s to 65535s'
const ROUTER_ID = 'accepted: an IPv4 address, such as 192.0.2.1'
const ONE_ADDRESS = 'found neither peerAddress nor interface; accepted: exactly one of them'
const ONE_ASN = 'found neither peerASN nor dynamicASN; accepted: exactly one of them'
const IMPLIED = 'and the holdTime becomes three times as much; accepted: 0, or 1s to 21845s'
const OWN_AS = 'found true with peerASN 64512, the own AS number; accepted: false for an iBGP session'
const SECRETS = 'found both password and passwordSecret; accepted: at most one of them'

/** `spec` of BGPPeers in either version. */
export const PEER_RULES: readonly RuleExample[] = [
  peer('the own AS number is not 0', { myASN: 0 }, 'myASN', [
    '0: found 0; accepted: an AS number from 1 to 4294967295',
    {},
  ]),
  peer('a peer has an AS number', { peerASN: 0 }, 'peerASN', [ONE_ASN, { peerASN: 0, dynamicASN: 'internal' }]),
  peer('an AS number is given or learnt, not both', { dynamicASN: 'external' }, 'peerASN', [
    'found both peerASN 64513 and dynamicASN external; accepted: exactly one of them',
    { peerASN: 0, dynamicASN: 'external' },
  ]),
  peer('a peer is somewhere', { peerAddress: '' }, 'peerAddress', [
    ONE_ADDRESS,
    { peerAddress: '', interface: 'eth0' },
  ]),
  peer('a peer has an address or is found on an interface, not both', { interface: 'eth0' }, 'peerAddress', [
    'found both peerAddress 192.0.2.1 and interface eth0; accepted: exactly one of them',
    { interface: '' },
  ]),
  peer('there is one password', { password: 'hush', passwordSecret: { name: 'tor-1' } }, 'passwordSecret', [
    SECRETS,
    { password: 'hush', passwordSecret: { name: '' } },
  ]),
  peer('a peer of the own AS is no eBGP peer', { peerASN: 64512, ebgpMultiHop: true }, 'ebgpMultiHop', [
    OWN_AS,
    { peerASN: 64512, ebgpMultiHop: false },
  ]),
  peer(
    'the own AS is the one that the peer is shown',
    { peerASN: 64512, myASN: 64999, localASN: 64512, ebgpMultiHop: true },
    'ebgpMultiHop',
    [OWN_AS, { peerASN: 64512, localASN: 64999, ebgpMultiHop: true }],
  ),
  field('a peer address is an address', 'peerAddress', 'tor-1.example', [ADDRESS, '2001:db8::1']),
  field('a peer address has no zone', 'peerAddress', 'fe80::1%eth0', [ADDRESS, 'fe80::1']),
  field('a source address is an address', 'sourceAddress', '192.0.2.256', [ADDRESS, '192.0.2.255']),
  field('a source address has no length', 'sourceAddress', '192.0.2.1/24', [ADDRESS, '']),
  field('a router ID is an address', 'routerID', '1', [ROUTER_ID, '0.0.0.1']),
  field('a router ID is an IPv4 address', 'routerID', '2001:db8::1', [ROUTER_ID, '']),
  field('a hold time is 0 or at least 3 seconds', 'holdTime', '2999ms', [HOLD, '3s']),
  field('a hold time fits its field of two octets', 'holdTime', '65536s', [HOLD, '65535s']),
  field('a connect time is not 0', 'connectTime', '0s', [CONNECT, '1s']),
  field('a connect time is whole seconds', 'connectTime', '1500ms', [CONNECT, '2000ms']),
  field('a connect time is whole seconds to the nanosecond', 'connectTime', '1.000000001s', [CONNECT, '1.0s']),
  field('a connect time is at most 65535 seconds', 'connectTime', '18h12m16s', [CONNECT, '18h12m15s']),
  peer('keepalives are not rarer than the hold time', { holdTime: '90s', keepaliveTime: '91s' }, 'keepaliveTime', [
    'found 91s with a holdTime of 90s; accepted: at most the holdTime',
    { holdTime: '90s', keepaliveTime: '1m30s' },
  ]),
  peer('without a hold time there are no keepalives', { holdTime: '0s', keepaliveTime: '1s' }, 'keepaliveTime', [
    'found 1s with a holdTime of 0s; accepted: at most the holdTime',
    { holdTime: '0s', keepaliveTime: '0s' },
  ]),
  peer('keepalives alone imply a hold time of at least 3 seconds', { keepaliveTime: '999ms' }, 'keepaliveTime', [
    `found 999ms, ${IMPLIED}`,
    { keepaliveTime: '1s' },
  ]),
  peer('keepalives alone imply a hold time of at most 65535 seconds', { keepaliveTime: '21846s' }, 'keepaliveTime', [
    `found 21846s, ${IMPLIED}`,
    { keepaliveTime: '21845s' },
  ]),
]

/** What v1beta2 lets one leave out, and v1beta1 asks for. */
export const NEW_PEER_RULES: readonly RuleExample[] = [
  {
    rule: 'a peer without any AS number',
    refused: { myASN: 64512, peerAddress: '192.0.2.1' },
    at: 'spec.peerASN',
    says: ONE_ASN,
    accepted: { myASN: 64512, dynamicASN: 'internal', peerAddress: '192.0.2.1' },
  },
  {
    rule: 'a peer that is nowhere',
    refused: { myASN: 64512, peerASN: 64513 },
    at: 'spec.peerAddress',
    says: ONE_ADDRESS,
    accepted: { myASN: 64512, peerASN: 64513, interface: 'eth0' },
  },
]
