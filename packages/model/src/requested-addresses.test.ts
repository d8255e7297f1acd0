import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAddress } from '@steelyard/net'
import { requestedAddresses } from './requested-addresses.ts'

const STABLE = 'metallb.io/loadBalancerIPs'
const OLD = 'metallb.universe.tf/loadBalancerIPs'

type Case = readonly [name: string, annotations: Record<string, string>, specIp: string | undefined, expected: string]

/** What is asked for as "source: addresses". */
const GOOD: readonly Case[] = [
  ['nothing', {}, undefined, 'none'],
  ['one address', { [STABLE]: '192.0.2.1' }, undefined, `${STABLE}: 192.0.2.1`],
  [
    'two of different families, as written',
    { [STABLE]: '2001:DB8::1 , 192.0.2.1' },
    undefined,
    `${STABLE}: 2001:db8::1 192.0.2.1`,
  ],
  ['the deprecated key', { [OLD]: ' 192.0.2.1 ' }, undefined, `${OLD}: 192.0.2.1`],
  [
    'the stable key before the deprecated one',
    { [OLD]: '192.0.2.1', [STABLE]: '192.0.2.2' },
    undefined,
    `${STABLE}: 192.0.2.2`,
  ],
  ['nothing by an empty annotation', { [STABLE]: '' }, undefined, 'none'],
  [
    'nothing by an empty stable key, whatever the deprecated one says',
    { [OLD]: '192.0.2.1', [STABLE]: '' },
    undefined,
    'none',
  ],
  ['the field', {}, '192.0.2.1', 'spec.loadBalancerIP: 192.0.2.1'],
  ['the field beside an empty annotation', { [STABLE]: '' }, '2001:db8::1', 'spec.loadBalancerIP: 2001:db8::1'],
]

/** Words that the message must have. */
const BAD: readonly (readonly [...Case, ...words: string[]])[] = [
  ['both, although equal', { [STABLE]: '192.0.2.1' }, '192.0.2.1', STABLE, 'spec.loadBalancerIP', 'one of the two'],
  ['the deprecated key and the field', { [OLD]: '192.0.2.1' }, '192.0.2.2', OLD, '"192.0.2.1"', '"192.0.2.2"'],
  ['a name', { [STABLE]: 'lan' }, undefined, STABLE, '"lan"', 'accepted'],
  ['a second that is malformed', { [STABLE]: '192.0.2.1, 2001:db8' }, undefined, '"2001:db8"'],
  ['a comma too many', { [STABLE]: '192.0.2.1,' }, undefined, '""'],
  ['blanks only', { [STABLE]: '  ' }, undefined, '""'],
  ['a CIDR block', { [STABLE]: '192.0.2.1/32' }, undefined, '"192.0.2.1/32"'],
  ['leading zeros', { [STABLE]: '192.0.2.01' }, undefined, '"192.0.2.01"'],
  ['an IPv4-mapped address', { [STABLE]: '::ffff:192.0.2.1' }, undefined, '"::ffff:192.0.2.1"'],
  ['two of one family', { [STABLE]: '192.0.2.1,192.0.2.2' }, undefined, '192.0.2.1, 192.0.2.2', 'one family'],
  ['one address twice', { [STABLE]: '192.0.2.1,192.0.2.1' }, undefined, 'one family'],
  ['three addresses', { [STABLE]: '192.0.2.1,2001:db8::1,2001:db8::2' }, undefined, 'one family'],
  ['a malformed field', {}, '192.0.2', 'spec.loadBalancerIP', '"192.0.2"', 'one IP address'],
  ['a list in the field', {}, '192.0.2.1,2001:db8::1', 'spec.loadBalancerIP', 'one IP address'],
]

describe('requestedAddresses', () => {
  for (const [name, annotations, specLoadBalancerIp, expected] of GOOD) {
    it(`takes ${name}`, () => {
      const requested = requestedAddresses({ annotations, specLoadBalancerIp })
      assert.notEqual(requested.kind, 'malformed')
      const told =
        requested.kind === 'addresses'
          ? `${requested.source}: ${requested.addresses.map(formatAddress).join(' ')}`
          : requested.kind
      assert.equal(told, expected)
    })
  }

  for (const [name, annotations, specLoadBalancerIp, ...words] of BAD) {
    it(`refuses ${name}`, () => {
      const requested = requestedAddresses({ annotations, specLoadBalancerIp })
      assert.ok(requested.kind === 'malformed')
      assert.deepEqual(
        [...words, 'accepted'].filter((word) => !requested.message.includes(word)),
        [],
        requested.message,
      )
    })
  }
})
