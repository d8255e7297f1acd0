import { cluster, isSettled, isWhole, startAll, until, pass } from './cluster.ts'
import { ROUGH } from './network.ts'
for (const n of [2, 3, 8, 32, 40]) {
  const t = performance.now()
  let dead = 0, suspects = 0, indirect = 0, unsettled = 0
  for (let seed = 0; seed < (n > 8 ? 2 : 40); seed++) {
    const c = cluster({ seed, nodes: n, weather: ROUGH })
    startAll(c)
    const s = until(c, () => isSettled(c), 3000)
    if (s === undefined || s > 1001) console.log(n, seed, 'settled', s)
    for (const m of c.members.values()) m.onEffect = (e) => {
      if (e.kind !== 'members') return
      if (e.standing !== 'settled') unsettled++
      for (const v of e.members) {
        if (v.status === 'dead') dead++
        if (v.status === 'suspect') suspects++
        if (v.indirect) indirect++
      }
    }
    pass(c, 60000)
    if (!isWhole(c)) console.log('not whole', seed)
  }
  console.log(n, { dead, suspects, indirect, unsettled }, performance.now() - t)
}
