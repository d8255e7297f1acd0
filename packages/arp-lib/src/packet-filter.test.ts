import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { type BpfInstruction, NEIGHBOUR_FILTER } from './packet-filter.ts'

const FIXTURES = new URL('../../../test/fixtures/', import.meta.url).pathname
const fixture = (name: string): Uint8Array => {
  const text = readFileSync(`${FIXTURES}${name}`, 'utf8').replaceAll(/^#.*$/gm, '')
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
}
const ARP = fixture('arp-request-linux.hex')
const NS = fixture('ns-multicast-linux.hex')

type Meta = { readonly packetType?: number; readonly vlan?: number }

/** The part of the kernel's machine that the program uses; a load beyond the frame drops it, as there. */
function kept(program: readonly BpfInstruction[], bytes: Uint8Array, meta: Meta = {}): number {
  let accumulator = 0
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at]!
    if (code === 0x06) return k
    if (code in WIDTH) {
      const value = load(bytes, k, { width: WIDTH[code]!, ...meta })
      if (value === undefined) return 0
      accumulator = value
    } else {
      const holds = { 0x15: accumulator === k, 0x25: accumulator > k, 0x45: (accumulator & k) !== 0 }[code]
      assert.ok(holds !== undefined, `instruction ${code} is not one of those expected`)
      at += holds ? jt : jf
    }
  }
  throw new Error('the program runs over its end')
}

const WIDTH: Readonly<Record<number, number>> = { 0x20: 4, 0x28: 2, 0x30: 1 }

function load(bytes: Uint8Array, k: number, meta: Meta & { readonly width: number }): number | undefined {
  const ancillary: Record<number, number> = {
    [0xffff_f000 + 4]: meta.packetType ?? 0,
    [0xffff_f000 + 44]: meta.vlan ?? 4095, // some kernels leave an old tag here
    [0xffff_f000 + 48]: meta.vlan === undefined ? 0 : 1,
  }
  if (k in ancillary) return ancillary[k]
  if (k + meta.width > bytes.length) return undefined
  return bytes.subarray(k, k + meta.width).reduce((value, octet) => value * 256 + octet, 0)
}

describe('the packet filter', () => {
  for (const name of globSync('{arp,ns,na}-*.hex', { cwd: FIXTURES })) {
    it(`keeps ${name} whole`, () => assert.equal(kept(NEIGHBOUR_FILTER, fixture(name)), 0xffff))
  }

  const table: [name: string, frame: Uint8Array, meta: Meta, isKept: boolean][] = [
    ['a broadcast', ARP, { packetType: 1 }, true],
    ['a multicast', NS, { packetType: 2 }, true],
    ['what is for another host', ARP, { packetType: 3 }, false],
    ['what leaves this machine', NS, { packetType: 4 }, false],
    ['a frame of VLAN 5 on its parent', ARP, { vlan: 5 }, false],
    ['a frame of VLAN 5 with a priority', ARP, { vlan: 0xe005 }, false],
    ['a frame that has only a priority', ARP, { vlan: 0xe000 }, true],
    ['a frame tagged twice', ARP.with(12, 0x81).with(13, 0), { vlan: 5 }, false],
    ['IPv4', ARP.with(13, 0), {}, false],
    ['IPv6 with UDP', NS.with(20, 17), {}, false],
    ['a router solicitation', NS.with(54, 133), {}, false],
    ['a router advertisement', NS.with(54, 134), {}, false],
    ['a redirect', NS.with(54, 137), {}, false],
    ['an echo request', NS.with(54, 128), {}, false],
    ['IPv6 that ends in its header', NS.subarray(0, 54), {}, false],
    ['an empty frame', new Uint8Array(0), {}, false],
  ]
  for (const [name, frame, meta, isKept] of table) {
    it(`${isKept ? 'keeps' : 'drops'} ${name}`, () => assert.equal(kept(NEIGHBOUR_FILTER, frame, meta) > 0, isKept))
  }
})
