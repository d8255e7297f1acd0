/** Opens and closes ten thousand sockets of every kind, good and refused: no descriptor may stay open. */
import { parseAddress } from '@steelyard/net'
import { kernelIo, SystemCallError } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { kernelBench } from './kernel-bench.ts'

const ROUNDS = 10_000
const bench = kernelBench()
const io = kernelIo()
const { ifindex } = bench.near
const filter = [{ code: 0x06, jt: 0, jf: 0, k: 65535 }]
const loopback = parseAddress('127.0.0.1')!
const elsewhere = parseAddress('198.51.100.1')!

type Open = () => { readonly close: () => void }

const cheap: readonly Open[] = [
  () => io.openGroups({ ifindex }),
  () => io.openNetlink(),
  () => io.openWake(),
  () => io.openUdp({ address: loopback, port: 0, ttl: 255 }),
  () => io.openTcp({ family: 4, ttl: 255 }),
  () => io.listenTcp({ address: loopback, port: 0 }),
]
/** Closing a packet socket waits for all processors, some fifteen milliseconds, so there is one of them in fifty. */
const dear: readonly Open[] = [() => io.openPacket({ ifindex, filter })]
const refused: readonly (() => unknown)[] = [
  () => io.openPacket({ ifindex: 999_999, filter }),
  () => io.openGroups({ ifindex: 999_999 }),
  () => io.openUdp({ address: elsewhere, port: 0, ttl: 1 }),
  () => io.openUdp({ address: loopback, port: 0, ttl: 1, device: 'nosuch' }),
  () => io.openTcp({ family: 4, source: elsewhere }),
  () => io.listenTcp({ address: elsewhere, port: 0 }),
]

const before = bench.openDescriptors()
const started = performance.now()
for (let round = 0; round < ROUNDS; round++) {
  const kinds = round % 50 === 0 ? dear : cheap
  const open = kinds[(round / (kinds === dear ? 50 : 1)) % kinds.length]!
  open().close()
  if (round % 50 === 25) assert.throws(refused[Math.floor(round / 50) % refused.length]!, SystemCallError)
}
const tookMs = performance.now() - started
assert.equal(bench.openDescriptors(), before, readdirSync('/proc/self/fd').join(' '))
assert.doesNotMatch(readFileSync('/proc/net/packet', 'utf8').split('\n').slice(1).join('\n'), /\d/, 'a socket is left')
bench.close()
console.log(`${ROUNDS} sockets opened and closed in ${tookMs.toFixed(0)} ms, ${before} descriptors before and after`)
