import { type Address, formatAddress, parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type HostAddress, isOnLink, nextHopsOf, routerIdOf } from './next-hops.ts'

const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)

/** `INDEX ADDRESS/LENGTH [SCOPE] [tentative]` */
function host(...lines: readonly string[]): HostAddress[] {
  return lines.map((line) => {
    const [index, cidr = '', scope = 'global', state] = line.split(' ')
    const [text = '', length] = cidr.split('/')
    const tentative = state === 'tentative'
    return { index: Number(index), address: address(text), prefixLength: Number(length), scope, tentative }
  })
}

const LO = ['1 127.0.0.1/8 host', '1 ::1/128 host']
const ETH0 = ['2 192.0.2.5/24', '2 192.0.2.6/24', '2 2001:db8::5/64', '2 fe80::5/64 link']
const ETH1 = ['3 198.51.100.5/24', '3 2001:db8:1::5/64', '3 fe80::15/64 link']

type Case = {
  readonly name: string
  readonly host: readonly string[]
  readonly local: string
  readonly remote: string
  readonly ifindex?: number
  readonly expected: Readonly<Record<string, string>>
}

const CASES: readonly Case[] = [
  {
    name: 'an IPv4 session has its local address, and a global IPv6 address of the interface',
    host: [...LO, ...ETH1, ...ETH0],
    local: '192.0.2.5',
    remote: '192.0.2.1',
    expected: { ipv4: '192.0.2.5', ipv6: '2001:db8::5' },
  },
  {
    name: 'an IPv4 session of an interface without global IPv6 has none of IPv6',
    host: ['2 192.0.2.5/24', '2 fe80::5/64 link', ...ETH1],
    local: '192.0.2.5',
    remote: '192.0.2.1',
    expected: { ipv4: '192.0.2.5' },
  },
  {
    name: 'an IPv6 session on the link has its local address, the link-local one beside it, and IPv4 of the interface',
    host: [...LO, ...ETH1, ...ETH0],
    local: '2001:db8::5',
    remote: '2001:db8::1',
    expected: { ipv4: '192.0.2.5', ipv6: '2001:db8::5', linkLocal: 'fe80::5' },
  },
  {
    name: 'an IPv6 session through a router says no link-local address',
    host: [...LO, ...ETH0],
    local: '2001:db8::5',
    remote: '2001:db8:ffff::1',
    expected: { ipv4: '192.0.2.5', ipv6: '2001:db8::5' },
  },
  {
    name: 'a session over link-local addresses has its own end, and IPv4 of that interface',
    host: [...ETH0, ...ETH1],
    local: 'fe80::15',
    remote: 'fe80::1',
    ifindex: 3,
    expected: { ipv4: '198.51.100.5', ipv6: 'fe80::15' },
  },
  {
    name: 'an address that is not through with duplicate address detection is none',
    host: ['2 192.0.2.5/24', '2 2001:db8::4/64 global tentative', '2 2001:db8::5/64'],
    local: '192.0.2.5',
    remote: '192.0.2.1',
    expected: { ipv4: '192.0.2.5', ipv6: '2001:db8::5' },
  },
  {
    name: 'a source on the loopback goes out by the interface whose subnet the peer is on',
    host: [...LO, '1 203.0.113.9/32', ...ETH0],
    local: '203.0.113.9',
    remote: '192.0.2.1',
    expected: { ipv4: '203.0.113.9', ipv6: '2001:db8::5' },
  },
  {
    name: 'a source on the loopback towards a far peer has what else is there, but not ::1',
    host: [...LO, '1 203.0.113.9/32', ...ETH0],
    local: '203.0.113.9',
    remote: '10.0.0.1',
    expected: { ipv4: '203.0.113.9' },
  },
  {
    name: 'of two interfaces on one subnet the one with the local address counts',
    host: ['2 192.0.2.5/24', '2 2001:db8::5/64', '3 192.0.2.7/24', '3 2001:db8::7/64'],
    local: '192.0.2.7',
    remote: '192.0.2.1',
    expected: { ipv4: '192.0.2.7', ipv6: '2001:db8::7' },
  },
  {
    name: 'a host that lists nothing still has its end of the connection',
    host: [],
    local: '192.0.2.5',
    remote: '192.0.2.1',
    expected: { ipv4: '192.0.2.5' },
  },
]

describe('nextHopsOf', () => {
  for (const { name, host: lines, local, remote, ifindex, expected } of CASES) {
    it(name, () => {
      const ends = { localAddress: address(local), remoteAddress: address(remote) }
      const hops = nextHopsOf(host(...lines), ifindex === undefined ? ends : { ...ends, ifindex })
      assert.deepEqual(
        Object.fromEntries(Object.entries(hops).map(([key, hop]) => [key, formatAddress(hop)])),
        expected,
      )
    })
  }
})

describe('routerIdOf', () => {
  const cases: readonly (readonly [
    name: string,
    lines: readonly string[],
    local: string,
    remote: string,
    id: number,
  ])[] = [
    ['is the local IPv4 address', ETH0, '192.0.2.6', '192.0.2.1', 0xc0000206],
    ['is the first IPv4 address of the interface of an IPv6 session', ETH0, '2001:db8::5', '2001:db8::1', 0xc0000205],
    ['is what else is given on an interface without IPv4', ['2 2001:db8::5/64'], '2001:db8::5', '2001:db8::1', 77],
  ]
  for (const [name, lines, local, remote, id] of cases) {
    it(name, () => {
      const ends = { localAddress: address(local), remoteAddress: address(remote) }
      assert.equal(routerIdOf(host(...lines), ends, 77), id)
    })
  }
  it('is never 0', () => {
    const ends = { localAddress: address('2001:db8::5'), remoteAddress: address('2001:db8::1') }
    assert.equal(routerIdOf([], ends, 0), 1)
  })
})

describe('isOnLink', () => {
  const cases: readonly (readonly [remote: string, expected: boolean])[] = [
    ['192.0.2.200', true],
    ['192.0.3.200', false],
    ['2001:db8::99', true],
    ['2001:db8:9::99', false],
    ['fe80::99', true],
  ]
  for (const [remote, expected] of cases) {
    it(`${remote} is ${expected ? 'on a subnet' : 'beyond a router'}`, () => {
      assert.equal(isOnLink(host(...ETH0), address(remote)), expected)
    })
  }
})
