import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../names.ts'
import { judge, problemsWith, type RuleRow, verdictOf } from '../rule-rows.ts'

const PEER = { myASN: 64512, peerASN: 64513, peerAddress: '198.51.100.1' }
const peer = (change: object): object => ({ ...PEER, ...change })
const HIGHEST = 4294967295

/** Field, the value just outside, what the refusal tells, the value just inside. */
type Bound = readonly [field: string, outside: unknown, tells: string, inside: unknown]
const BOUNDS: readonly Bound[] = [
  ['myASN', 0, '0', 1],
  ['myASN', HIGHEST + 1, '4294967296', HIGHEST],
  ['myASN', '64512', '"64512"', 64512],
  ['myASN', undefined, 'missing', 64512],
  ['peerASN', -1, '-1', 1],
  ['peerASN', HIGHEST + 1, '4294967296', HIGHEST],
  ['localASN', 0, '0', 1],
  ['localASN', HIGHEST + 1, '4294967296', HIGHEST],
  ['peerAddress', '198.51.100', '"198.51.100"', '198.51.100.7'],
  ['peerAddress', 'fe80::1%eth0', 'without a zone', 'fe80::1'],
  ['peerAddress', '2001:db8::/64', '"2001:db8::/64"', '2001:db8::'],
  ['sourceAddress', 'eth0', '"eth0"', '2001:db8::9'],
  ['sourceAddress', 'fe80::9%eth0', 'without a zone', '192.0.2.9'],
  ['routerID', '2001:db8::1', 'an IPv4 address', '192.0.2.1'],
  ['routerID', '1', '"1"', '0.0.0.1'],
  ['peerPort', 16385, '16385', 16384],
  ['peerPort', -1, '-1', 1],
  ['peerPort', 1.5, '1.5', 0],
  ['holdTime', '2999ms', '3s to 65535s', '3s'],
  ['holdTime', '65536s', '3s to 65535s', '65535s'],
  ['holdTime', '-3s', '"-3s"', '0'],
  ['holdTime', 90, '90', '90s'],
  ['holdTime', '90', '"90"', '1m30s'],
  ['keepaliveTime', '999ms', '2.997s', '1s'],
  ['keepaliveTime', '6h4m6s', '3s to 65535s', '6h4m5s'],
  ['keepaliveTime', '', '""', '0s'],
  ['connectTime', '999ms', 'whole seconds', '1s'],
  ['connectTime', '1500ms', '1.5s', '2000ms'],
  ['connectTime', '65536s', '65535s', '65535s'],
  ['connectTime', '0', '0s', '1s'],
  ['vrf', 7, '7', 'red'],
  ['interface', false, 'false', ''],
  ['bfdProfile', {}, 'an object', ''],
  ['enableGracefulRestart', 'true', '"true"', true],
  ['ebgpMultiHop', 'true', '"true"', true],
  ['dualStackAddressFamily', 1, '1', true],
  ['disableMP', 1, '1', true],
  ['passwordSecret', 'bgp', 'the name of a Secret', {}],
]

const boundRow = ([field, outside, tells, inside]: Bound): RuleRow => ({
  rule: `${field} may be ${JSON.stringify(inside)} but not ${JSON.stringify(outside) ?? 'absent'}`,
  refused: peer({ [field]: outside }),
  path: `spec.${field}`,
  tells: [tells],
  accepted: peer({ [field]: inside }),
})

const ROWS: readonly RuleRow[] = [
  {
    rule: 'an ASN is fixed or dynamic, not both',
    refused: peer({ dynamicASN: 'external' }),
    path: 'spec.peerASN',
    tells: ['64513', 'external', 'exactly one'],
    accepted: peer({ peerASN: 0, dynamicASN: 'external' }),
  },
  {
    rule: 'an ASN is fixed or dynamic, not neither',
    refused: peer({ peerASN: undefined }),
    path: 'spec.peerASN',
    tells: ['neither peerASN nor dynamicASN'],
    accepted: peer({ peerASN: undefined, dynamicASN: 'internal' }),
  },
  {
    rule: 'a dynamic ASN is internal or external',
    refused: peer({ peerASN: undefined, dynamicASN: 'both' }),
    path: 'spec.dynamicASN',
    tells: ['"both"', 'internal, external'],
    accepted: peer({ peerASN: undefined, dynamicASN: 'external' }),
  },
  {
    rule: 'a neighbour has an address or an interface, not both',
    refused: peer({ interface: 'eth0' }),
    path: 'spec.peerAddress',
    tells: ['198.51.100.1', 'eth0', 'exactly one'],
    accepted: peer({ peerAddress: undefined, interface: 'eth0' }),
  },
  {
    rule: 'a neighbour has an address or an interface, not neither',
    refused: peer({ peerAddress: '' }),
    path: 'spec.peerAddress',
    tells: ['neither peerAddress nor interface'],
    accepted: peer({ peerAddress: '', interface: 'eth0' }),
  },
  {
    rule: 'a password is given here or in a Secret, not both',
    refused: peer({ password: 'hunter2', passwordSecret: { name: 'bgp' } }),
    path: 'spec.password',
    tells: ['passwordSecret', 'at most one'],
    accepted: peer({ password: 'hunter2', passwordSecret: { name: '' } }),
  },
  {
    rule: 'no multi-hop within one AS',
    refused: peer({ peerASN: 64512, ebgpMultiHop: true }),
    path: 'spec.ebgpMultiHop',
    tells: ['64512', 'iBGP'],
    accepted: peer({ peerASN: 64512, ebgpMultiHop: false }),
  },
  {
    rule: 'no multi-hop if the peer is in the AS shown to it',
    refused: peer({ localASN: 64513, ebgpMultiHop: true }),
    path: 'spec.ebgpMultiHop',
    tells: ['64513'],
    accepted: peer({ peerASN: 64512, localASN: 64513, ebgpMultiHop: true }),
  },
  {
    rule: 'keepalives come within the hold time',
    refused: peer({ holdTime: '9s', keepaliveTime: '9001ms' }),
    path: 'spec.keepaliveTime',
    tells: ['9.001s', '9s', 'at most'],
    accepted: peer({ holdTime: '9s', keepaliveTime: '9s' }),
  },
  {
    rule: 'without a hold timer there are no keepalives',
    refused: peer({ holdTime: '0s', keepaliveTime: '1s' }),
    path: 'spec.keepaliveTime',
    tells: ['1s', '0s'],
    accepted: peer({ holdTime: '0s', keepaliveTime: '0s' }),
  },
  {
    rule: 'no node selector stands twice',
    refused: peer({ nodeSelectors: [{}, {}] }),
    path: 'spec.nodeSelectors[1]',
    tells: ['{}'],
    accepted: peer({ nodeSelectors: [{}] }),
  },
]

describe('the rules of a BGPPeer', () => {
  for (const row of [...BOUNDS.map(boundRow), ...ROWS]) {
    it(row.rule, () => assert.deepEqual(judge(KINDS.bgpPeer, row), verdictOf(row)))
  }

  it('needs a spec', () => {
    const [problem] = problemsWith(KINDS.bgpPeer, undefined)
    assert.deepEqual([problem?.path, problem?.message], ['spec', 'is missing; accepted: an object'])
  })

  it('shows no password, not even one of the wrong type', () => {
    for (const password of [4711, ['hunter2'], { hunter2: true }]) {
      const [problem] = problemsWith(KINDS.bgpPeer, peer({ password }))
      assert.equal(problem?.path, 'spec.password')
      assert.doesNotMatch(problem?.message ?? '', /4711|hunter2/)
    }
  })

  it('shows no password that was put where the Secret is named, nor in a spec that is a list', () => {
    const problems = [
      ...problemsWith(KINDS.bgpPeer, peer({ passwordSecret: 'hunter2' })),
      ...problemsWith(KINDS.bgpPeer, [{ password: 'hunter2' }]),
    ]
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['spec.passwordSecret', 'spec'],
    )
    assert.doesNotMatch(JSON.stringify(problems), /hunter2/)
  })

  it('shows no password when it is given twice', () => {
    const [problem] = problemsWith(KINDS.bgpPeer, peer({ password: 'hunter2', passwordSecret: { name: 'bgp' } }))
    assert.doesNotMatch(JSON.stringify(problem), /hunter2/)
  })
})
