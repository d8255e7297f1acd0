/** How fast the kernel's news arrive; that lost news are told; that a bridge's port that leaves is not deleted. */
import { kernelIo, type NetlinkEvent } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { kernelBench } from './kernel-bench.ts'

const FLIPS = 20
const bench = kernelBench()
const io = kernelIo()
const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' })

/** Switches `near` off or on by itself, so that nothing but the kernel stands between cause and news. */
function setFlags(up: boolean): number {
  const at = Number(process.hrtime.bigint()) / 1e6
  writeFileSync('/sys/class/net/near/flags', up ? '0x1003' : '0x1002')
  return at
}

/** When the other thread heard of it; the kernel may tell the last state again before. */
async function awaitNews(up: boolean): Promise<number> {
  for (;;) {
    const [news] = await once(worker, 'message')
    if (news.up === up) return news.at
  }
}

const worker = new Worker(new URL('netlink-worker.ts', import.meta.url), {
  workerData: { ifindex: bench.near.ifindex },
})
await once(worker, 'message')
const waits: number[] = []
for (let flip = 0; flip < FLIPS; flip++) {
  await sleep(5)
  const down = awaitNews(false)
  const at = setFlags(false)
  waits.push((await down) - at)
  const up = awaitNews(true)
  setFlags(true)
  await up
}
await worker.terminate()
waits.sort((a, b) => a - b)

// Thousands of changes that nobody reads: the kernel drops some, and says so.
const netlink = io.openNetlink()
for (let change = 0; change < 5000; change++) writeFileSync('/sys/class/net/near/mtu', `${1400 + (change % 2)}`)
const lost: NetlinkEvent[] = []
for (let batch = netlink.receive(); batch.length > 0; batch = netlink.receive()) lost.push(...batch)
assert.ok(
  lost.some((event) => event.kind === 'overrun' && event.reason === 'ENOBUFS'),
  `no overrun among ${lost.length} events`,
)
assert.equal(netlink.dumpLinks().find(({ name }) => name === 'near')?.mtu, 1401)
ip('link', 'set', 'near', 'mtu', '1300')
assert.ok(
  netlink.receive().some((event) => event.kind === 'link' && event.link.mtu === 1300),
  'it does not go on',
)

// A bridge says that a port left with the message that says an interface was deleted.
ip('link', 'add', 'bridge0', 'type', 'bridge')
ip('link', 'set', 'near', 'master', 'bridge0')
const bridge = netlink.dumpLinks().find(({ name }) => name === 'bridge0') ?? assert.fail('no bridge')
assert.equal(bridge.kind, 'bridge')
assert.equal(netlink.dumpLinks().find(({ name }) => name === 'near')?.masterIndex, bridge.index)
netlink.receive()
ip('link', 'set', 'near', 'nomaster')
const told = netlink.receive().flatMap((event) => (event.kind === 'link' && event.link.name === 'near' ? [event] : []))
assert.ok(told.length > 0)
assert.deepEqual([...new Set(told.map(({ change }) => change))], ['new'])
assert.equal(told.at(-1)?.link.masterIndex, undefined)

// More of everything than one part of a dump holds.
const commands = Array.from({ length: 3000 }, (_, n) => `address add 198.18.${n >> 8}.${n & 255}/32 dev near\n`)
execFileSync('ip', ['-batch', '-'], { input: commands.join('') })
const started = performance.now()
const addresses = netlink.dumpAddresses().filter(({ index }) => index === bench.near.ifindex)
const dumpMs = performance.now() - started
assert.equal(addresses.filter(({ address }) => address.family === 4).length, 3000)
bench.close()
console.log(
  `link down told after: median ${waits[FLIPS / 2]!.toFixed(2)} ms, worst ${waits.at(-1)!.toFixed(2)} ms; 3000 addresses dumped in ${dumpMs.toFixed(1)} ms`,
)
