/** How urgent what we send is in this host's queues, and what a packet says of it: counted where frames leave, by nftables. */
import { type Address, NETWORK_CONTROL, parseAddress } from '@steelyard/net'
import { kernelIo } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { kernelBench } from './kernel-bench.ts'

const UDP_PORT = 5001
const TCP_PORT = 5002
const EXPERIMENT = 0x88b5
const bench = kernelBench()
const io = kernelIo()
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const nft = (text: string): string => execFileSync('nft', ['-f', '-'], { input: text, encoding: 'utf8' })

/** What is counted, by name: the device that it leaves, and the expression of nftables. */
const COUNTED = {
  frames: ['near', `ether type ${EXPERIMENT}`],
  udp4: ['lo', `ip dscp cs6 udp dport ${UDP_PORT}`],
  udp6: ['lo', `ip6 dscp cs6 udp dport ${UDP_PORT}`],
  connecting4: ['lo', `ip dscp cs6 tcp dport ${TCP_PORT}`],
  connecting6: ['lo', `ip6 dscp cs6 tcp dport ${TCP_PORT}`],
  accepting4: ['lo', `ip dscp cs6 tcp sport ${TCP_PORT} tcp flags & (syn | ack) == ack`],
  accepting6: ['lo', `ip6 dscp cs6 tcp sport ${TCP_PORT} tcp flags & (syn | ack) == ack`],
} as const
type Counted = keyof typeof COUNTED
const PRIORITIES = { urgent: '0:6', usual: 'none' } as const

for (const device of ['near', 'lo']) {
  const rules = Object.entries(COUNTED).flatMap(([name, [leaves, matches]]) =>
    leaves === device
      ? Object.entries(PRIORITIES).map(([how, priority]) => [`${name}_${how}`, `meta priority ${priority} ${matches}`])
      : [],
  )
  nft(`table netdev ${device} {
    ${rules.map(([counter]) => `counter ${counter} {}`).join('\n')}
    chain out {
      type filter hook egress device ${device} priority 0;
      ${rules.map(([counter, matches]) => `${matches} counter name ${counter}`).join('\n')}
    }
  }`)
}

/** How many packets have left, urgent and usual ones. */
function left(name: Counted): readonly [urgent: number, usual: number] {
  const [device] = COUNTED[name]
  const [urgent = -1, usual = -1] = ['urgent', 'usual'].map((how) => {
    const said = execFileSync('nft', ['list', 'counter', 'netdev', device, `${name}_${how}`], { encoding: 'utf8' })
    return Number(/packets (\d+)/.exec(said)?.[1])
  })
  return [urgent, usual]
}

const frame = new Uint8Array(60)
frame.set(bench.far.mac, 0)
frame.set(bench.near.mac, 6)
frame.set([EXPERIMENT >> 8, EXPERIMENT & 0xff], 12)
const filter = [{ code: 0x06, jt: 0, jf: 0, k: 0 }]
io.openPacket({ ifindex: bench.near.ifindex, filter, trafficClass: NETWORK_CONTROL }).send(frame)
assert.deepEqual(left('frames'), [1, 0])
io.openPacket({ ifindex: bench.near.ifindex, filter }).send(frame)
assert.deepEqual(left('frames'), [1, 1])

for (const [text, family] of [
  ['127.0.0.1', 4],
  ['::1', 6],
] as const) {
  const local = address(text)
  const udp = io.openUdp({ address: local, port: 0, ttl: 64, trafficClass: NETWORK_CONTROL })
  udp.send({ address: local, port: UDP_PORT }, frame)
  assert.deepEqual(left(`udp${family}`), [1, 0])

  const listener = io.listenTcp({ address: local, port: TCP_PORT, trafficClass: NETWORK_CONTROL })
  const server = createServer((accepted) => accepted.pipe(accepted)).listen({ fd: listener.duplicate() })
  const tcp = io.openTcp({ family, trafficClass: NETWORK_CONTROL })
  const socket = new Socket({ fd: tcp.duplicate() }).connect(TCP_PORT, text)
  socket.write('ping')
  assert.equal(`${(await once(socket, 'data'))[0]}`, 'ping')
  const [connecting, accepting] = [left(`connecting${family}`), left(`accepting${family}`)]
  assert.ok(connecting[0] >= 3 && connecting[1] === 0, connecting.join(' and '))
  // The class is handed down to what a listener accepts, the urgency is not (`sk_clone_lock`).
  assert.ok(accepting[0] === 0 && accepting[1] >= 1, accepting.join(' and '))
  socket.destroy()
  tcp.close()
  server.close()
  listener.close()
}
bench.close()
console.log('what is network control says so and goes first; connections that were accepted say so only')
