import type { RuleExample } from './example.ts'

const ENTRY =
  'accepted: a CIDR block such as 192.0.2.0/24 or 2001:db8::/64, or a range such as 192.0.2.10-192.0.2.20; a single ' +
  'address is written as 192.0.2.10/32 or 2001:db8::10/128'
const RANGE = 'accepted: a range of two addresses with one hyphen between, such as 192.0.2.10-192.0.2.20'
const FAMILY = 'accepted: a range with both ends in one family, IPv4 or IPv6'
const ORDER = 'accepted: a range that starts with its lower end'

function entry(rule: string, refused: string, accepted: string, accepts: string): RuleExample {
  return {
    rule,
    refused: { addresses: [refused] },
    at: 'spec.addresses[0]',
    says: `"${refused}": found "${refused}"; ${accepts}`,
    accepted: { addresses: [accepted] },
  }
}

function overlap(rule: string, refused: readonly string[], says: string, accepted: readonly string[]): RuleExample {
  const whole = `found ${says}, which overlap; accepted: each address once`
  return { rule, refused: { addresses: refused }, at: 'spec.addresses', says: whole, accepted: { addresses: accepted } }
}

/** `spec` of IPAddressPools. */
export const POOL_RULES: readonly RuleExample[] = [
  entry('an IPv4 address alone is no entry', '192.0.2.7', '192.0.2.7/32', ENTRY),
  entry('an IPv6 address alone is no entry', '2001:db8::7', '2001:db8::7/128', ENTRY),
  entry('empty text is no entry', '', '0.0.0.0/0', ENTRY),
  entry('an octet is at most 255', '192.0.256.0/24', '192.0.255.0/24', ENTRY),
  entry('octets have no leading zeros', '192.0.02.0/24', '192.0.2.0/24', ENTRY),
  entry('an IPv4 prefix has at most 32 bits', '192.0.2.0/33', '192.0.2.0/32', ENTRY),
  entry('an IPv6 prefix has at most 128 bits', '2001:db8::/129', '2001:db8::/128', ENTRY),
  entry('an IPv4-mapped IPv6 block is no entry', '::ffff:192.0.2.0/120', '::fffe:192.0.2.0/120', ENTRY),
  entry('a block has no blanks around', ' 192.0.2.0/24', '192.0.2.0/24', ENTRY),
  entry('a range has a start', '-192.0.2.9', '192.0.2.1-192.0.2.9', RANGE),
  entry('a range has an end', '192.0.2.1-', '192.0.2.1 - 192.0.2.9', RANGE),
  entry('a range has two ends and no third', '192.0.2.1-192.0.2.2-192.0.2.3', '192.0.2.1-192.0.2.3', RANGE),
  entry('both ends of a range are whole addresses', '192.0.2.1-9', '192.0.2.1-192.0.2.9', RANGE),
  entry('the ends of a range are no blocks', '192.0.2.1/32-192.0.2.9', '192.0.2.1- 192.0.2.9', RANGE),
  entry('the ends of a range have no zone', 'fe80::1%eth0-fe80::2', 'fe80::1-fe80::2', RANGE),
  entry('a range stays in its family', '192.0.2.1-2001:db8::1', '192.0.2.1-192.0.2.1', FAMILY),
  entry('a range stays in its family, the other way round', '2001:db8::1-192.0.2.1', '2001:db8::1-2001:db8::1', FAMILY),
  entry('an IPv4 range ascends in its last octet', '192.0.2.10-192.0.2.9', '192.0.2.9-192.0.2.10', ORDER),
  entry('an IPv4 range ascends in its first octet', '192.0.2.10-99.0.2.10', '99.0.2.10-192.0.2.10', ORDER),
  entry('an IPv4 range ascends in its third octet', '192.0.10.1-192.0.9.255', '192.0.9.255-192.0.10.1', ORDER),
  entry('an IPv6 range ascends in its last group', '2001:db8::1F-2001:db8::f', '2001:db8::f-2001:db8::1F', ORDER),
  entry('an IPv6 range ascends in its first group', 'fd01::-fd00:ffff::', 'fd00:ffff::-fd01::', ORDER),
  entry('an IPv6 range ascends behind folded zeros', '::1:0-::ffff', '::ffff-::1:0', ORDER),
  entry('an IPv6 range ascends before folded zeros', '1::-0::', '0::-1::', ORDER),
  entry('an IPv6 range ascends from the very last address', 'fd00::1-fd00::', 'fd00::-fd00::1', ORDER),
  entry(
    'an IPv6 range ascends however its ends are written',
    '::2:3:4:5:6:7:8-0:2:3:4:5:6:7:7',
    '::2:3:4:5:6:7:8-0:0002:3:4:5:6:7:0008',
    ORDER,
  ),
  overlap(
    'blocks of a pool do not overlap',
    ['192.0.2.0/24', '198.51.100.0/24', '192.0.2.128/25'],
    '192.0.2.0/24 and 192.0.2.128/25',
    ['192.0.2.0/25', '198.51.100.0/24', '192.0.2.128/25'],
  ),
  overlap(
    'a block of a pool lies in no later one',
    ['2001:db8:0:1::/64', '2001:db8::/32'],
    '2001:db8:0:1::/64 and 2001:db8::/32',
    ['2001:db8:0:1::/64', '2001:db9::/32'],
  ),
  overlap('a block stands in a pool once', ['192.0.2.0/24', '192.0.2.7/24'], '192.0.2.0/24 and 192.0.2.7/24', [
    '192.0.2.0/24',
    '192.0.3.7/24',
  ]),
  {
    rule: 'a namespace is listed once',
    refused: { addresses: ['192.0.2.0/24'], serviceAllocation: { namespaces: ['shop', 'blog', 'shop'] } },
    at: 'spec.serviceAllocation.namespaces',
    says: 'found "shop" more than once; accepted: each once',
    accepted: { addresses: ['192.0.2.0/24'], serviceAllocation: { namespaces: ['shop', 'blog', 'Shop'] } },
  },
]
