import { parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type KernelAddress, type KernelLink, kernelView } from './kernel-view.ts'
import { usableChannels } from './usable-channels.ts'

const ETH0: KernelLink = {
  index: 2,
  name: 'eth0',
  mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  up: true,
  running: true,
  broadcast: true,
  noArp: false,
  loopback: false,
}
const LINK_LOCAL: KernelAddress = { index: 2, address: parseAddress('fe80::1')!, tentative: false }
const GLOBAL: KernelAddress = { index: 2, address: parseAddress('2001:db8::1')!, tentative: false }
const V4: KernelAddress = { index: 2, address: parseAddress('192.0.2.1')!, tentative: false }

const protocolsOf = (link: Partial<KernelLink>, addresses: KernelAddress[], excluded = ''): string[] =>
  usableChannels(kernelView([{ ...ETH0, ...link }], addresses), (name) => name === excluded).map(({ key }) => key)

describe('what can be announced on', () => {
  const table: [name: string, link: Partial<KernelLink>, addresses: KernelAddress[], protocols: string[]][] = [
    ['an ordinary interface, whether it has an IPv4 address or not', {}, [LINK_LOCAL], ['arp 2', 'ndp 2']],
    ['one with addresses of all kinds', {}, [V4, GLOBAL, LINK_LOCAL], ['arp 2', 'ndp 2']],
    ['one without IPv6', {}, [V4], ['arp 2']],
    ['one with a global IPv6 address only', {}, [GLOBAL], ['arp 2']],
    ['one whose link-local address is tentative', {}, [{ ...LINK_LOCAL, tentative: true }], ['arp 2']],
    ['one that cannot broadcast', { broadcast: false }, [LINK_LOCAL], ['ndp 2']],
    ['one that is switched off', { up: false }, [LINK_LOCAL], []],
    ['one without a carrier', { running: false }, [LINK_LOCAL], []],
    ['one that does no ARP', { noArp: true }, [LINK_LOCAL], []],
    ['a port of a bridge, bond or VRF', { masterIndex: 7 }, [LINK_LOCAL], []],
    ['the loopback', { loopback: true }, [LINK_LOCAL], []],
    ['a tunnel without Ethernet addresses', { mac: new Uint8Array(0) }, [LINK_LOCAL], []],
    ['InfiniBand', { mac: new Uint8Array(20) }, [LINK_LOCAL], []],
  ]
  for (const [name, link, addresses, protocols] of table) {
    it(`${name}: ${protocols.join(' and ') || 'nothing'}`, () =>
      assert.deepEqual(protocolsOf(link, addresses), protocols))
  }

  it('is nothing on an excluded interface', () => assert.deepEqual(protocolsOf({}, [LINK_LOCAL], 'eth0'), []))
})
