import { cluster, isSettled, isWhole, kill, startAll, until, pass, start } from './cluster.ts'
const n = Number(process.argv[2])
let t = performance.now()
const c = cluster({ seed: 1, nodes: n })
startAll(c, 1000)
console.log(n, 'started', performance.now() - t, c.net.packets)
console.log(n, 'settled', until(c, () => isSettled(c), 3000), performance.now() - t)
pass(c, 500)
console.log(process.memoryUsage().heapUsed / 1e6, c.net.packets, isWhole(c))
t = performance.now()
const p = c.net.packets
pass(c, 1000)
console.log(' packets/s per node', (c.net.packets - p) / n, performance.now() - t)
for (let i = 0; i < 3; i++) {
  const v = `node-000${i}`
  t = performance.now()
  kill(c, v)
  let left = new Set(c.members.keys())
  const d = until(c, () => { for (const k of left) { if (c.members.get(k)!.members.get(v)?.status === 'dead') left.delete(k); else return false }; return true }, 3000)
  console.log(' died', d, performance.now() - t)
  start(c, v)
  pass(c, 1000)
  console.log(c.members.get(v)!.standing, performance.now() - t)
}
