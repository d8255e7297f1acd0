import { formatAddress, parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HostAddress } from './next-hops.ts'
import { addressesWithin, type HostLink } from './routing-domain.ts'

const LINKS: readonly HostLink[] = [
  { index: 1, name: 'lo' },
  { index: 2, name: 'eth0' },
  { index: 3, name: 'red', kind: 'vrf' },
  { index: 4, name: 'eth1', masterIndex: 3 },
  { index: 5, name: 'blue', kind: 'vrf' },
  { index: 6, name: 'br1', kind: 'bridge', masterIndex: 5 },
  { index: 7, name: 'br0', kind: 'bridge' },
  { index: 8, name: 'eth2', masterIndex: 7 },
]
const ADDRESSES: readonly HostAddress[] = [
  [1, '127.0.0.1'],
  [2, '192.0.2.1'],
  [3, '203.0.113.1'],
  [4, '192.0.2.1'],
  [4, '2001:db8::1'],
  [6, '192.0.2.7'],
  [7, '198.51.100.1'],
  [8, '198.51.100.2'],
].map(([index, text]) => ({
  index: Number(index),
  address: parseAddress(String(text))!,
  prefixLength: 24,
  scope: 'global',
  tentative: false,
}))

describe("the addresses that are this host's own", () => {
  const table: readonly (readonly [name: string, device: string | undefined, within: readonly string[]])[] = [
    ['in no VRF are those of no VRF', undefined, ['1 127.0.0.1', '2 192.0.2.1', '7 198.51.100.1', '8 198.51.100.2']],
    ['in a VRF are its own and those of its ports', 'red', ['3 203.0.113.1', '4 192.0.2.1', '4 2001:db8::1']],
    ['in a VRF are those of a bridge in it', 'blue', ['6 192.0.2.7']],
    ['on a device that is no VRF are those of this device', 'eth0', ['2 192.0.2.1']],
    ['on a bridge are not those of its ports', 'br0', ['7 198.51.100.1']],
    ['on a port of a VRF are those of this port', 'eth1', ['4 192.0.2.1', '4 2001:db8::1']],
    ['on a device that is not there are none', 'green', []],
  ]
  for (const [name, device, within] of table) {
    it(name, () =>
      assert.deepEqual(
        addressesWithin(device, LINKS, ADDRESSES).map(({ index, address }) => `${index} ${formatAddress(address)}`),
        within,
      ),
    )
  }
})
