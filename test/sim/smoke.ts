import { cluster, isSettled, isWhole, kill, startAll, until, pass } from './cluster.ts'
for (const n of [2, 3, 8, 32, 33, 100]) {
  const t = performance.now()
  const c = cluster({ seed: 1, nodes: n })
  startAll(c)
  console.log(n, 'settled', until(c, () => isSettled(c), 3000), 'whole', until(c, () => isWhole(c), 3000), c.net.packets)
  pass(c, 1000)
  const p = c.net.packets
  pass(c, 1000)
  console.log(' packets/s per node', (c.net.packets - p) / n)
  kill(c, 'node-0001')
  console.log(' died', until(c, () => [...c.members.values()].every((m) => m.members.get('node-0001')?.status === 'dead'), 3000), performance.now() - t)
}
