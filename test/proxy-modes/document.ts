import type { ProxyMode } from '../lab/packages.ts'
import { FAMILIES, MODES, POLICIES, type ProxyResult, type ProxyResults, readResults, rowName } from './results.ts'

export const DOCUMENT = new URL('../../docs/kube-proxy.md', import.meta.url).pathname

const TITLES: Readonly<Record<string, string>> = { iptables: 'iptables', nftables: 'nftables', ipvs: 'IPVS, strictARP' }

const HEAD = `# kube-proxy, in each of its modes

<!-- Made by \`npm run docs\` from what tests saw: test/proxy-modes. -->

Steelyard brings packets for an address to a node; kube-proxy on that node takes them to a Pod. What a user sees depends on its mode, on the
Service's \`externalTrafficPolicy\` and on the family. This is what a client on the LAN saw with a real kube-proxy of Kubernetes 1.36, three nodes
and a Pod on each, in the e2e ring (iptables, nftables) and in the kernel ring (IPVS):

`

const TAIL = `

- **Pods**: whose Pods answered, asked 32 times.
- **seen as**: whom a Pod sees, by TCP. Under \`Cluster\` kube-proxy hides the client behind the node, so that answers come back the same way.
- **nodes**: whether every node of the cluster reaches the address too.

UDP was seen to do the same as TCP in each cell.

IPVS mode needs \`strictARP: true\`: [ipvs.md](ipvs.md). kube-proxy 1.36 says when it starts that this mode is deprecated, and that nftables is what to use.
`

export function renderDocument(resultsOf: (mode: ProxyMode) => ProxyResults = readResults): string {
  const rows = FAMILIES.flatMap((family) => POLICIES.map((policy) => rowName({ family, policy })))
  const head = ['family, policy', ...MODES.map((mode) => TITLES[mode] ?? mode)]
  const lines = rows.map((row) => [row, ...MODES.map((mode) => cell(resultsOf(mode)[row]))])
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return `${HEAD}${table}${TAIL}`
}

function cell(result: ProxyResult | undefined): string {
  if (result === undefined) return 'not run'
  const { pods, seenAs, nodesReachIt } = result
  return `Pods ${pods}; seen as ${seenAs}; nodes: ${nodesReachIt}`
}
