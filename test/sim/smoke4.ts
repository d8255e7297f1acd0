import { cluster, isSettled, startAll, pass } from './cluster.ts'
const c = cluster({ seed: 1, nodes: 100 })
startAll(c, 300)
pass(c, 100)
console.log(isSettled(c), [...c.members.values()].filter(m => m.standing !== 'settled').map(m => [m.host.name, [...m.state.peers.values()].filter(p => p.boot===undefined || p.beatCounter < 0 || (p.held?.version ?? 0) < p.version).map(p => [p.node, p.status, p.beatCounter, p.version, p.held?.version, m.state.at - p.pullAt, m.state.wanting.has(p)].join(' ')).slice(0,3)]).slice(0, 10))
