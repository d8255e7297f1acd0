import { parseArgs } from 'node:util'
import type { ProgramForm } from '../kubelet/container.ts'
import type { ProxyMode } from '../packages.ts'

export type StartFlags = {
  readonly once: boolean
  readonly bgp: boolean
  readonly help: boolean
  readonly proxyMode: ProxyMode
  readonly nodes: number
  readonly suffix: string
  readonly form: ProgramForm
}

/** A flag that does not exist, or a value it does not take, in words for the person who typed it. */
export class FlagError extends Error {}

export const HELP = `npm start [-- FLAGS]

Brings up a real Kubernetes cluster in network namespaces of this machine, lets Steelyard give a
Service an address, announces it, and fetches from it as a client on the LAN. Then it goes on until
Ctrl-C, and cleans up. Needs Linux and root.

  --once                end by itself; status 0 only when the client got its answers
  --bgp                 announce by BGP to a router (FRR), and fetch as a user behind it
  --proxy-mode MODE     of kube-proxy: iptables (default) or nftables
  --nodes N             how many nodes, 1 to 30 (default 3)
  --suffix TEXT         behind the names of the namespaces, so that two labs can run at once
  --dist                run the bundles of \`npm run build\`, not the sources
  --help                this text
`

/** @throws FlagError */
export function readFlags(args: readonly string[]): StartFlags {
  const { once, bgp, help, dist, suffix, nodes, 'proxy-mode': proxyMode } = parse(args)
  if (proxyMode !== 'iptables' && proxyMode !== 'nftables') {
    throw new FlagError(`--proxy-mode ${proxyMode}: iptables and nftables are accepted`)
  }
  if (!/^([1-9]|[12]\d|30)$/.test(nodes)) throw new FlagError(`--nodes ${nodes}: a number from 1 to 30 is accepted`)
  if (!/^[a-z0-9]{0,12}$/.test(suffix)) {
    throw new FlagError(`--suffix ${suffix}: up to 12 characters a-z and 0-9 are accepted`)
  }
  return { once, bgp, help, proxyMode, nodes: Number(nodes), suffix, form: dist ? 'dist' : 'source' }
}

type Parsed = Readonly<
  Record<'once' | 'bgp' | 'help' | 'dist', boolean> & Record<'suffix' | 'nodes' | 'proxy-mode', string>
>

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        bgp: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        dist: { type: 'boolean', default: false },
        suffix: { type: 'string', default: '' },
        nodes: { type: 'string', default: '3' },
        'proxy-mode': { type: 'string', default: 'iptables' },
      },
    }).values
  } catch (error) {
    throw new FlagError(error instanceof Error ? error.message : String(error))
  }
}
