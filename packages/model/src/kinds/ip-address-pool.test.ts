import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../names.ts'
import { judge, type RuleRow, verdictOf } from '../rule-rows.ts'

const NET = '192.0.2.0/24'
const pool = (addresses: readonly unknown[], rest: object = {}): object => ({ addresses, ...rest })
const inPool = (rest: object): object => pool([NET], rest)
const allocation = (rest: object): object => inPool({ serviceAllocation: rest })
const selector = (...requirements: readonly object[]): object => ({ matchExpressions: requirements })

const ROWS: readonly RuleRow[] = [
  {
    rule: 'a pool has addresses',
    refused: {},
    path: 'spec.addresses',
    tells: ['missing', 'a list'],
    accepted: pool([NET]),
  },
  {
    rule: 'a pool has at least one entry',
    refused: pool([]),
    path: 'spec.addresses',
    tells: ['empty list', 'at least one'],
    accepted: pool([NET]),
  },
  {
    rule: 'null is as good as absent',
    refused: pool([NET], { addresses: null }),
    path: 'spec.addresses',
    tells: ['missing'],
    accepted: inPool({ autoAssign: null, serviceAllocation: null }),
  },
  {
    rule: 'a bare address is no entry',
    refused: pool(['192.0.2.7']),
    path: 'spec.addresses[0]',
    tells: ['"192.0.2.7"', 'CIDR', 'range'],
    accepted: pool(['192.0.2.7/32']),
  },
  {
    rule: 'an entry is text',
    refused: pool([NET, 7]),
    path: 'spec.addresses[1]',
    tells: ['7', 'CIDR'],
    accepted: pool([NET, '7.0.0.0/8']),
  },
  {
    rule: 'a CIDR block has no more bits than its family',
    refused: pool(['192.0.2.0/33']),
    path: 'spec.addresses[0]',
    tells: ['192.0.2.0/33'],
    accepted: pool(['192.0.2.0/32']),
  },
  {
    rule: 'an IPv6 block has at most 128 bits',
    refused: pool(['2001:db8::/129']),
    path: 'spec.addresses[0]',
    tells: ['/129'],
    accepted: pool(['2001:db8::/128']),
  },
  {
    rule: 'octets stop at 255',
    refused: pool(['192.0.2.256/32']),
    path: 'spec.addresses[0]',
    tells: ['192.0.2.256'],
    accepted: pool(['192.0.2.255/32']),
  },
  {
    rule: 'host bits may be set, and are masked off',
    refused: pool(['192.0.2.9/x']),
    path: 'spec.addresses[0]',
    tells: ['192.0.2.9/x'],
    accepted: pool(['192.0.2.9/24']),
  },
  {
    rule: 'a range goes upwards',
    refused: pool(['192.0.2.9-192.0.2.8']),
    path: 'spec.addresses[0]',
    tells: ['192.0.2.9', '192.0.2.8', 'above'],
    accepted: pool(['192.0.2.9-192.0.2.9']),
  },
  {
    rule: 'an IPv6 range goes upwards',
    refused: pool(['2001:db8::2-2001:db8::1']),
    path: 'spec.addresses[0]',
    tells: ['above'],
    accepted: pool(['2001:db8::1 - 2001:db8::2']),
  },
  {
    rule: 'a range stays in one family',
    refused: pool(['192.0.2.9-2001:db8::1']),
    path: 'spec.addresses[0]',
    tells: ['different families'],
    accepted: pool(['192.0.2.9-192.0.2.10', '2001:db8::1-2001:db8::1']),
  },
  {
    rule: 'a range has both ends',
    refused: pool(['192.0.2.9-']),
    path: 'spec.addresses[0]',
    tells: ['end ""'],
    accepted: pool([' 192.0.2.9  -192.0.2.10 ']),
  },
  {
    rule: 'a range has an address at its start',
    refused: pool(['a-192.0.2.1']),
    path: 'spec.addresses[0]',
    tells: ['start "a"'],
    accepted: pool(['192.0.2.1-192.0.2.1']),
  },
  {
    rule: 'a range has no more than two ends',
    refused: pool(['192.0.2.1-192.0.2.2-192.0.2.3']),
    path: 'spec.addresses[0]',
    tells: ['start-end'],
    accepted: pool(['192.0.2.1-192.0.2.3']),
  },
  {
    rule: 'entries of one pool do not overlap',
    refused: pool(['192.0.2.0/25', '192.0.2.127-192.0.2.130']),
    path: 'spec.addresses[1]',
    tells: ['192.0.2.127/32', '192.0.2.0/25', 'spec.addresses[0]', 'IPAddressPool x'],
    accepted: pool(['192.0.2.0/25', '192.0.2.128-192.0.2.130']),
  },
  {
    rule: 'autoAssign is a boolean',
    refused: inPool({ autoAssign: 'yes' }),
    path: 'spec.autoAssign',
    tells: ['"yes"', 'true or false'],
    accepted: inPool({ autoAssign: false }),
  },
  {
    rule: 'avoidBuggyIPs is a boolean',
    refused: inPool({ avoidBuggyIPs: 1 }),
    path: 'spec.avoidBuggyIPs',
    tells: ['1', 'true or false'],
    accepted: inPool({ avoidBuggyIPs: true }),
  },
  {
    rule: 'priority is a whole number',
    refused: allocation({ priority: 1.5 }),
    path: 'spec.serviceAllocation.priority',
    tells: ['1.5', 'whole number'],
    accepted: allocation({ priority: 1 }),
  },
  {
    rule: 'serviceAllocation is an object',
    refused: inPool({ serviceAllocation: ['shop'] }),
    path: 'spec.serviceAllocation',
    tells: ['found a list', 'an object'],
    accepted: allocation({}),
  },
  {
    rule: 'no namespace is named twice',
    refused: allocation({ namespaces: ['shop', 'bank', 'shop'] }),
    path: 'spec.serviceAllocation.namespaces[2]',
    tells: ['"shop"', 'namespaces[0]', 'each once'],
    accepted: allocation({ namespaces: ['shop', 'bank'] }),
  },
  {
    rule: 'no namespace selector stands twice',
    refused: allocation({
      namespaceSelectors: [{ matchLabels: { a: 'b', c: 'd' } }, { matchLabels: { c: 'd', a: 'b' } }],
    }),
    path: 'spec.serviceAllocation.namespaceSelectors[1]',
    tells: ['{"a":"b","c":"d"}'],
    accepted: allocation({ namespaceSelectors: [{ matchLabels: { a: 'b', c: 'd' } }, { matchLabels: { c: 'd' } }] }),
  },
  {
    rule: 'no service selector stands twice, whatever the order of values',
    refused: allocation({
      serviceSelectors: [
        selector({ key: 'a', operator: 'In', values: ['x', 'y'] }),
        selector({ key: 'a', operator: 'In', values: ['y', 'x'] }),
      ],
    }),
    path: 'spec.serviceAllocation.serviceSelectors[1]',
    tells: ['"values":["x","y"]'],
    accepted: allocation({
      serviceSelectors: [
        selector({ key: 'a', operator: 'In', values: ['x', 'y'] }),
        selector({ key: 'a', operator: 'NotIn', values: ['y', 'x'] }),
      ],
    }),
  },
]

describe('the rules of an IPAddressPool', () => {
  for (const row of ROWS) {
    it(row.rule, () => assert.deepEqual(judge(KINDS.ipAddressPool, row), verdictOf(row)))
  }
})
