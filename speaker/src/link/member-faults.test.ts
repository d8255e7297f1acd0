import {
  decodeArp,
  decodeEthernet,
  decodeNdp,
  encodeArp,
  encodeEthernet,
  encodeNdp,
  ETHERTYPE,
} from '@steelyard/arp-lib'
import { sameAddress } from '@steelyard/net'
import { type LinkIo, type PacketSocket, SystemCallError } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claim, MEMBER_PORT, memberLan, type MemberLanOptions, statusesOf, toldBy } from './member-lan.ts'
import { started, startedPair, VIP } from './member-story.ts'
import { address, mac, memoryLan } from './memory-lan.ts'
import { BEAT_ETHERTYPE, EMPTY_RECORD, MEMBERSHIP_DEFAULTS } from '@steelyard/membership'

describe('the port towards the others', () => {
  it('that cannot be bound is told and tried again, and the node answers nothing meanwhile', () => {
    const lan = memberLan(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    const other = one.host.io.openUdp({ address: address('0.0.0.0'), port: MEMBER_PORT, ttl: 1 })
    for (const node of lan.nodes) node.desire({})
    one.desire({ addresses: [{ ip: VIP, interfaces: 'all' }] }, { record: { ...EMPTY_RECORD, claims: [claim(VIP)] } })
    lan.run(5000)
    assert.deepEqual(toldBy(one, 'fault'), [
      {
        kind: 'fault',
        call: 'bind',
        errno: 'EADDRINUSE',
        message: `members cannot be heard on port ${MEMBER_PORT}: bind: EADDRINUSE (UDP socket)`,
        times: 1,
      },
    ])
    assert.deepEqual([statusesOf(one)['own'], lan.heard], ['settling', []])
    other.close()
    lan.run(12_000)
    assert.deepEqual(statusesOf(one), { n2: 'alive', own: 'settled' })
    assert.ok(lan.heard.length > 0)
  })

  it('that fails to read is replaced', () => {
    let isBroken = false
    const lan = started(2, {
      change: (io, name) => ({
        openUdp: (options) => {
          const socket = io.openUdp(options)
          return {
            ...socket,
            get fd() {
              return socket.fd
            },
            receive: () => {
              if (isBroken && name === 'n1') throw new SystemCallError('recvmsg', 'EIO')
              return socket.receive()
            },
          }
        },
      }),
    })
    isBroken = true
    lan.run(50)
    isBroken = false
    lan.run(2000)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    assert.equal(toldBy(one, 'fault').length, 1)
    assert.deepEqual(statusesOf(one), { n2: 'alive', own: 'settled' })
  })

  it('does not reach a node of the other family, or of no address, which is told and nothing worse', () => {
    const lan = memberLan(2)
    const [one, two] = lan.nodes
    const roster = [
      { node: 'n2', address: '192.0.2.2' },
      { node: 'n6', address: '2001:db8::6' },
      { node: 'n7', address: 'host.example' },
    ]
    one?.desire({}, { roster })
    two?.desire({})
    lan.run(2000)
    assert.ok(one !== undefined)
    assert.deepEqual(statusesOf(one), { n2: 'alive', n6: 'unknown', n7: 'unknown', own: 'settled' })
    assert.deepEqual(
      toldBy(one, 'fault').map(({ call, message }) => [call, message]),
      [['roster', 'n6 cannot be reached: "2001:db8::6" is not an IPv4 address']],
    )
  })

  it('is desired of a worker without a name by mistake only', () => {
    const lan = memoryLan()
    const { loop, desire } = lan
    assert.equal(loop.state.member.self, undefined)
    const membership = { roster: [], secrets: [], record: EMPTY_RECORD, config: MEMBERSHIP_DEFAULTS, leaving: false }
    desire({ addresses: [], excludeInterfaces: [], membership })
    assert.throws(() => lan.run(1), /started without a name/)
  })
})

/** Lets no beat of one node out or in while `isCut` says so. */
function cutBeats(isCut: () => boolean): MemberLanOptions {
  const cut = (socket: PacketSocket): PacketSocket => ({
    ...socket,
    get fd() {
      return socket.fd
    },
    send: (frame) => {
      if (!isCut()) socket.send(frame)
    },
    receive: () => {
      for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) if (!isCut()) return frame
      return undefined
    },
  })
  const openPacket =
    (io: LinkIo): LinkIo['openPacket'] =>
    (options) =>
      options.etherType === BEAT_ETHERTYPE ? cut(io.openPacket(options)) : io.openPacket(options)
  return { change: (io, name) => (name === 'n1' ? { openPacket: openPacket(io) } : {}) }
}

describe('an interface', () => {
  it('that has a carrier and is not heard by the others is deaf: impaired, until it is heard again', () => {
    let isCut = false
    const lan = started(3, { ...cutBeats(() => isCut), bindAny: true })
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
    isCut = true
    lan.run(1000)
    assert.deepEqual(toldBy(one, 'deafLinks').at(-1)?.names, ['eth0'])
    const { interfaces, impaired } = toldBy(one, 'interfaces').at(-1) ?? assert.fail('nothing was told')
    assert.deepEqual([interfaces, impaired], [[], ['eth0']])
    assert.deepEqual(statusesOf(one), { n2: 'alive', n3: 'alive', own: 'settled' }, 'the node itself is heard')
    assert.deepEqual(toldBy(two, 'deafLinks'), [])
    isCut = false
    lan.run(1000)
    assert.deepEqual(toldBy(one, 'interfaces').at(-1)?.impaired, [])
    assert.deepEqual(toldBy(one, 'interfaces').at(-1)?.interfaces, [{ name: 'eth0', arp: true, ndp: true }])
  })

  it('that was never usable, is gone, excluded or enslaved is not impaired', () => {
    const lan = started(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    const impaired = (): readonly string[] | undefined => toldBy(one, 'interfaces').at(-1)?.impaired
    one.host.addInterface({ name: 'eth5', mac: mac('55') })
    const added = ['eth6', 'eth7', 'eth8'].map((name, at) =>
      one.host.addInterface({ name, mac: mac(`6${at}`), segment: one.port.segment }),
    )
    lan.run(100)
    for (const each of added) each.change({ carrier: false })
    lan.run(100)
    assert.deepEqual(impaired(), ['eth6', 'eth7', 'eth8'])
    added[0]?.remove()
    lan.run(100)
    assert.deepEqual(impaired(), ['eth7', 'eth8'])
    added[1]?.change({ masterIndex: 1 })
    lan.run(100)
    assert.deepEqual(impaired(), ['eth8'])
    one.desire({ excludeInterfaces: ['eth8'] })
    lan.run(100)
    assert.deepEqual(impaired(), [])
    assert.equal(one.loop.members.beats.size, 1, 'their sockets are closed')
  })

  it('whose beats cannot be sent or heard has a fault, and the others go on', () => {
    const lan = memberLan(2, {
      change: (io, name) => ({
        openPacket: (options) => {
          if (name === 'n1' && options.etherType === BEAT_ETHERTYPE) throw new SystemCallError('bind', 'ENOMEM')
          return io.openPacket(options)
        },
      }),
    })
    for (const node of lan.nodes) node.desire({})
    lan.run(3000)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    assert.deepEqual(
      toldBy(one, 'fault').map((fault) => [fault.interface, fault.call, fault.errno]),
      [['eth0', 'bind', 'ENOMEM']],
    )
    assert.deepEqual(statusesOf(one), { n2: 'alive', own: 'settled' })
  })
})

const GATEWAYS = [
  ['192.0.2.254', '192.0.2.1'],
  ['fe80::fe', 'fe80::1'],
] as const

/** The gateway's answer to a frame that asks for it, and by whom. */
function gatewayReply(
  ip: string,
  frame: Uint8Array,
): { readonly reply: Uint8Array; readonly asker: string } | undefined {
  const gateway = address(ip)
  const ethernet = decodeEthernet(frame)
  if (!ethernet.ok) return undefined
  const [to, own] = [ethernet.value.source, mac('fe')]
  const arp = decodeArp(ethernet.value.payload)
  if (arp.ok && sameAddress(arp.value.targetIp, gateway)) {
    const { senderIp, senderMac } = arp.value
    const reply = {
      operation: 'reply',
      senderMac: own,
      senderIp: gateway,
      targetMac: senderMac,
      targetIp: senderIp,
    } as const
    const payload = encodeArp(reply)
    const asker = senderIp.words.join()
    return { asker, reply: encodeEthernet({ destination: to, source: own, etherType: ETHERTYPE.arp, payload }) }
  }
  const ndp = decodeNdp(ethernet.value.payload)
  if (!ndp.ok || ndp.value.kind !== 'solicitation' || !sameAddress(ndp.value.target, gateway)) return undefined
  const { source } = ndp.value
  const flags = { router: true, solicited: true, override: true }
  const ends = { source: gateway, destination: source, target: gateway, targetLinkLayer: own }
  const payload = encodeNdp({ kind: 'advertisement', ...ends, ...flags })
  const asker = source.words.join()
  return { asker, reply: encodeEthernet({ destination: to, source: own, etherType: ETHERTYPE.ipv6, payload }) }
}

describe('of two nodes that must not both go on', () => {
  for (const [ip, own] of GATEWAYS) {
    it(`the one that reaches the gateway ${ip} does, asking from its own address`, () => {
      const { lan, one, two } = startedPair({ config: { fencing: 'fenced' } })
      const askers = new Set<string>()
      const { segment } = lan.wires.port()
      const station = segment.plug({
        deliver: (frame) => {
          const answer = gatewayReply(ip, frame)
          if (answer !== undefined) askers.add(answer.asker)
          if (answer !== undefined) station.send(answer.reply)
        },
      })
      for (const node of lan.nodes) node.desire({}, { gateway: { ip, interface: 'eth0' } })
      lan.run(1000)
      two.port.isShut = true
      lan.run(3000)
      assert.deepEqual([statusesOf(one)['own'], statusesOf(two)['own']], ['settled', 'fenced'])
      assert.deepEqual([...askers], [address(own).words.join()])
      one.port.isShut = true
      lan.run(3000)
      assert.equal(statusesOf(one)['own'], 'fenced')
    })
  }

  it('neither does that has nobody to ask', () => {
    const { lan, one, two } = startedPair({ config: { fencing: 'fenced' } })
    one.desire({}, { gateway: { ip: '192.0.2.254', interface: 'eth9' } })
    two.port.isShut = true
    lan.run(3000)
    assert.deepEqual([statusesOf(one)['own'], statusesOf(two)['own']], ['fenced', 'fenced'])
  })
})
