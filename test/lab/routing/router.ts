import { type LabMachine, labMachine } from '../machine.ts'
import type { Journal } from '../journal.ts'
import type { Machine, Topology } from '../topology.ts'
import { bfdLines } from '../../routers/frr-config.ts'
import { startFrr } from '../../routers/frr.ts'
import type { NeighbourOptions, RouteFamily, Router, RouterRoute } from '../../routers/router.ts'
import { type FrrConsole, openFrrConsole } from '../../routers/frr-console.ts'

export type LabRouterOptions = {
  /** Which of the lab's; the first, `rt`, unless told. */
  readonly name?: string
  readonly asn: number
  /** Of the speakers. */
  readonly nodesAsn: number
  /** What the sessions run over: each node is a neighbour by each of these; IPv4 unless told. */
  readonly over?: readonly RouteFamily[]
  /** For every neighbour; both families are carried unless told. */
  readonly neighbour?: Omit<Partial<NeighbourOptions>, 'address' | 'interface'>
  readonly weightedPaths?: boolean
}

/** FRR on a machine of the lab's LAN, with every node a neighbour that connects to it; it routes for the far user. */
export type LabRouter = Router & {
  readonly machine: LabMachine
  readonly asn: number
  /** The paths to a prefix that the router has learnt, one for each session that told it. */
  readonly paths: (prefix: string) => Promise<readonly RouterRoute[]>
  /** The ways to a destination that its kernel uses, those of equal cost side by side; none when it has no route. */
  readonly kernelPaths: (prefix: string) => Promise<readonly KernelPath[]>
  /** How often each session was established and lost, by neighbour. */
  readonly counters: () => Promise<Readonly<Record<string, SessionCounters>>>
  /**
   * Whether the router has BFD with its neighbours, as its options said, or has it shut down (AdminDown). FRR 8.4 itself
   * takes the AdminDown of others for a failure and resets the session, against RFC 5882 section 3.2.
   */
  readonly setBfd: (wanted: boolean) => Promise<void>
  /** A line to bgpd that stays open: answers in about a millisecond. */
  readonly console: () => Promise<FrrConsole>
}

export type KernelPath = { readonly gateway: string; readonly weight: number }
export type SessionCounters = { readonly established: number; readonly dropped: number }

type ShownNeighbour = { readonly connectionsEstablished: number; readonly connectionsDropped: number }
type ShownHop = { readonly gateway?: string; readonly via?: { readonly host: string }; readonly weight?: number }
type ShownRoute = ShownHop & { readonly nexthops?: readonly ShownHop[] }

/** @throws Error when the lab has no such router */
export async function startLabRouter(
  topology: Topology,
  journal: Journal,
  options: LabRouterOptions,
): Promise<LabRouter> {
  const machine = labMachine(routerNamed(topology, options.name))
  const router = await startFrr({
    namespace: machine.namespace,
    name: machine.name,
    journal,
    asn: options.asn,
    routerId: machine.address4,
    neighbours: neighboursOf(topology, options),
    installRoutes: true,
    weightedPaths: options.weightedPaths ?? false,
  })
  return {
    ...router,
    machine,
    asn: options.asn,
    paths: async (prefix) => (await router.routes(familyOf(prefix))).filter((route) => route.prefix === prefix),
    kernelPaths: (prefix) => kernelPaths(machine, prefix),
    counters: async () => {
      const shown = JSON.parse(await router.tell('show bgp neighbors json')) as Record<string, ShownNeighbour>
      return Object.fromEntries(
        Object.entries(shown).map(([name, { connectionsEstablished, connectionsDropped }]) => [
          name,
          { established: connectionsEstablished, dropped: connectionsDropped },
        ]),
      )
    },
    setBfd: async (wanted) => {
      const lines = neighboursOf(topology, options).flatMap((neighbour) => bfdLines(neighbour, wanted))
      await router.tell('configure terminal', 'bfd', ...lines)
    },
    console: () => openFrrConsole(router.folder),
  }
}

function routerNamed({ routing }: Topology, name = 'rt'): Machine {
  const routers = routing?.routers ?? []
  const found = routers.find((router) => router.name === name)
  if (found !== undefined) return found
  const there = routers.map((router) => router.name).join(', ') || 'none: start the lab with routers'
  throw new Error(`there is no router ${name} in this lab: there are ${there}`)
}

function neighboursOf(
  { nodes }: Topology,
  { nodesAsn, over = ['ipv4'], neighbour = {} }: LabRouterOptions,
): readonly NeighbourOptions[] {
  return over.flatMap((family) =>
    nodes.map((node) => ({
      address: family === 'ipv4' ? node.address4 : node.address6,
      asn: nodesAsn,
      families: ['ipv4', 'ipv6'] as const,
      // A speaker does not listen: without this, the router would knock at its closed port all the time.
      passive: true,
      ...neighbour,
    })),
  )
}

function familyOf(prefix: string): RouteFamily {
  return prefix.includes(':') ? 'ipv6' : 'ipv4'
}

async function kernelPaths(machine: LabMachine, prefix: string): Promise<readonly KernelPath[]> {
  const version = familyOf(prefix) === 'ipv4' ? '-4' : '-6'
  const shown = await machine.exec(['ip', version, '-json', 'route', 'show', 'exact', prefix, 'proto', 'bgp'])
  const routes = JSON.parse(shown.trim() === '' ? '[]' : shown) as ShownRoute[]
  return routes
    .flatMap((route) => route.nexthops ?? [route])
    .map(({ gateway, via, weight = 1 }) => ({ gateway: gateway ?? via?.host ?? '', weight }))
    .sort((a, b) => a.gateway.localeCompare(b.gateway, 'en', { numeric: true }))
}
