import { addressFromBytes, formatAddress, formatMac, writer } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BIG_ENDIAN, LITTLE_ENDIAN } from '../host-order.ts'
import type { NetlinkEvent } from '../link-io.ts'
import { capturedDatagram, capturedDatagrams } from './captured-datagrams.ts'
import { readDumpPart } from './dump.ts'
import { readEvents } from './events.ts'

/** Events as one would say them. */
function said(event: NetlinkEvent): string {
  if (event.kind === 'overrun') return `overrun: ${event.reason}`
  if (event.kind === 'link') {
    const { index, name, mac, mtu, kind = 'plain', masterIndex = 0, ...flags } = event.link
    const set = Object.entries(flags).flatMap(([flag, value]) => (value ? [flag] : []))
    const moved = event.moved === true ? ['moved'] : []
    return [event.change, index, name, kind, formatMac(mac), mtu, masterIndex, ...set, ...moved].join(' ')
  }
  if (event.kind === 'address') {
    const { index, address, prefixLength, scope, tentative } = event.address
    return `${event.change} ${formatAddress(address)}/${prefixLength} on ${index}, ${scope}${tentative ? ', tentative' : ''}`
  }
  const { index, address, mac, state } = event.neighbour
  return `${event.change} ${formatAddress(address)} on ${index} at ${mac && formatMac(mac)}, ${state}`
}

function read(bytes: Uint8Array): readonly string[] {
  const events = readEvents(bytes, LITTLE_ENDIAN)
  assert.ok(events.ok, events.ok ? '' : events.reason)
  return events.value.map(said)
}

const TABLE: readonly (readonly [name: string, expected: readonly string[]])[] = [
  [
    'links-part1',
    [
      'new 1 lo plain 00:00:00:00:00:00 65536 0 up running loopback',
      'new 2 far veth 02:00:00:00:00:02 1500 0 up running broadcast',
    ],
  ],
  ['links-part2', ['new 3 near veth 02:00:00:00:00:01 1500 0 up running broadcast']],
  ['links-part3', []],
  ['link-down', ['new 3 near veth 02:00:00:00:00:01 1500 0 broadcast']],
  ['link-deleted', ['deleted 3 near veth 02:00:00:00:00:01 1500 0 broadcast']],
  ['bridge-port-left', []],
  ['bond-failover', ['new 2 bond0 bond 02:00:00:00:00:01 1500 0 up running broadcast moved']],
  ['notify-peers', ['new 2 bond0 bond 02:00:00:00:00:01 1500 0 up running broadcast moved']],
  ['address-tentative', ['new 2001:db8::1/64 on 3, global, tentative']],
  ['address-peer', ['new 192.0.2.1/32 on 3, global']],
  ['address-deleted', ['deleted 192.0.2.1/24 on 3, global']],
  ['neighbour-stale', ['new 192.0.2.10 on 3 at 02:00:00:00:00:0a, stale']],
  ['error', []],
]

describe('what the kernel tells', () => {
  for (const [name, expected] of TABLE) {
    it(`${name} is ${expected.length === 0 ? 'no event' : expected.join('; ')}`, () => {
      assert.deepEqual(read(capturedDatagram(name)), expected)
    })
  }

  it('addresses of a dump, the loopback of scope host among them', () => {
    const told = read(capturedDatagram('addresses-part1'))
    assert.ok(told.includes('new 127.0.0.1/8 on 1, host'))
    assert.ok(told.includes('new 192.0.2.1/24 on 3, global'))
    assert.ok(told.includes('new ::1/128 on 1, host'))
    assert.ok(told.some((text) => text.startsWith('new fe80::') && text.endsWith('on 3, link')))
  })

  it('neighbours of a dump, with groups the kernel keeps as noarp', () => {
    const told = read(capturedDatagram('neighbours-part1'))
    assert.ok(told.includes('new 192.0.2.9 on 3 at 02:00:00:00:00:09, permanent'))
    assert.ok(told.some((text) => text.endsWith('noarp')))
  })
})

/** `struct ndmsg` with an address attribute, in either order of bytes. */
function neighbourMessage(order: typeof LITTLE_ENDIAN): Uint8Array {
  const out = writer()
  order.putU16(order.putU16(order.putU32(out, 36), 28), 0)
  order.putU32(order.putU32(out, 0), 0)
  out.u8(2).bytes(new Uint8Array(3))
  order.putU16(order.putU32(out, 5), 0x20)
  out.u16(0)
  order.putU16(order.putU16(out, 8), 1)
  return out.bytes(Uint8Array.of(192, 0, 2, 1)).done()
}

describe('the order of bytes of the host', () => {
  for (const [name, order] of [
    ['little-endian', LITTLE_ENDIAN],
    ['big-endian', BIG_ENDIAN],
  ] as const) {
    it(`a ${name} machine's message is read on a ${name} machine`, () => {
      const address = addressFromBytes(Uint8Array.of(192, 0, 2, 1))
      const neighbour = { index: 5, address, mac: undefined, state: 'failed' }
      const expected = [{ kind: 'neighbour', change: 'new', neighbour }]
      assert.deepEqual(readEvents(neighbourMessage(order), order), { ok: true, value: expected })
    })
  }
})

const BROKEN: readonly (readonly [name: string, change: (bytes: Uint8Array) => Uint8Array, reason: RegExp])[] = [
  ['cut in its header', (bytes) => bytes.subarray(0, 10), /needs 4 bytes, 2 left at byte 8/],
  ['cut in its body', (bytes) => bytes.subarray(0, 30), /needs 60 bytes, 14 left/],
  ['of length 0', (bytes) => Uint8Array.of(0, 0, 0, 0, ...bytes.subarray(4)), /netlink message of 0 bytes/],
  ['longer than what came', (bytes) => Uint8Array.of(255, 0, 0, 0, ...bytes.subarray(4)), /needs 239 bytes/],
  ['with an attribute of length 3', (bytes) => bytes.with(28, 3), /netlink attribute of 3 bytes/],
  ['with an attribute beyond its end', (bytes) => bytes.with(29, 1), /needs 260 bytes/],
  ['with an address of 3 bytes', (bytes) => bytes.with(28, 7), /an address of 3 bytes/],
]

describe('a datagram that does not add up is a reason', () => {
  for (const [name, change, reason] of BROKEN) {
    it(`a message ${name}`, () => {
      const events = readEvents(change(capturedDatagram('neighbour-stale')), LITTLE_ENDIAN)
      assert.ok(!events.ok)
      assert.match(events.reason, reason)
    })
  }

  it('an interface address without an address', () => {
    const bytes = capturedDatagram('address-deleted').slice(0, 24)
    bytes[0] = 24
    const events = readEvents(bytes, LITTLE_ENDIAN)
    assert.match(events.ok ? '' : events.reason, /interface address without an address/)
  })
})

describe('fuzz', () => {
  const seeds = [...capturedDatagrams().values()]
  const random = seededRandom(20_260_801)
  const below = (limit: number): number => Math.floor(random() * limit)
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))
  const seed = (): Uint8Array => seeds[below(seeds.length)] ?? new Uint8Array(0)

  const shapes: readonly (readonly [name: string, count: number, make: () => Uint8Array])[] = [
    ['random bytes', 50_000, () => noise(below(120))],
    ['captured datagrams cut anywhere', 20_000, () => seed().subarray(0, below(seed().length + 1))],
    [
      'captured datagrams with up to eight bytes changed',
      30_000,
      () => {
        const bytes = seed().slice()
        for (let changes = below(8) + 1; changes > 0; changes--) bytes[below(bytes.length)] = below(256)
        return bytes
      },
    ],
  ]
  for (const [name, count, make] of shapes) {
    it(`${count} times ${name}: always a value, events or a reason`, () => {
      let refused = 0
      for (let round = 0; round < count; round++) {
        const bytes = make()
        const events = readEvents(bytes, random() < 0.5 ? LITTLE_ENDIAN : BIG_ENDIAN)
        const part = readDumpPart(bytes, 7, LITTLE_ENDIAN)
        assert.equal(typeof events.ok, 'boolean')
        refused += Number(!part.ok)
      }
      assert.ok(refused > 0 && refused < count, `${refused} of ${count} refused`)
    })
  }
})
