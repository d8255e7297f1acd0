import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Binaries, findBinaries } from './binaries.ts'
import { type Journal, openJournal } from './journal.ts'
import type { ProgramForm } from './kubelet/container.ts'
import { checkMachine, type ProxyMode } from './packages.ts'
import type { ControlPlaneFacts } from './control-plane.ts'
import { planTopology, type Topology } from './topology.ts'

export type LabOptions = {
  /** 3 unless told. */
  readonly nodes?: number
  /** iptables unless told. */
  readonly proxyMode?: ProxyMode
  /** Whether kube-proxy in IPVS mode keeps the kernels from answering ARP for every Service; true unless told. */
  readonly strictArp?: boolean
  /**
   * The least time between two writes of kube-proxy's rules. Its own default, 1s, would be most of the time
   * of most tests, so it is 100ms unless told; under a burst of Services, though, that keeps three kube-proxies busy.
   */
  readonly proxyMinSyncPeriod?: string
  /** Tells two labs on one machine apart; '' unless told. */
  readonly suffix?: string
  /** Whether each node has a second interface on a LAN of its own (`br1`, 192.168.68.0/24 and fc00:68::/64); false unless told. */
  readonly secondLan?: boolean
  /** Machines on the first LAN that routers can be started on (`lab.startRouter`), with a user behind the first; none unless told. */
  readonly routers?: 0 | 1 | 2
  /**
   * Whether the API server reaches webhooks in Pods. False unless told: it is on no node, so cluster IPs lead nowhere
   * from there, which is how most tests show that all goes on without.
   */
  readonly webhooks?: boolean
  /** How our programs run, once their Pods are created: from source unless told. */
  readonly form?: ProgramForm
  /** After how long without heartbeat a node counts as lost; 4 s unless told, where a real cluster takes 40 to 50. */
  readonly nodeGraceMs?: number
  /** Whether a signal ends the lab and the process; true unless told. A program that has its own way to end says false. */
  readonly endsOnSignal?: boolean
  readonly log?: (line: string) => void
}

/** A control plane outside of the lab, and the interface that leads to its network. */
export type OuterControlPlane = ControlPlaneFacts & { readonly device: string }

/** What every part of a lab stands on. */
export type Base = Required<LabOptions> & {
  /** To be used instead of one's own: tests in a guest have theirs on the machine itself. Told by the environment. */
  readonly outer: OuterControlPlane | undefined
  readonly topology: Topology
  readonly binaries: Binaries
  readonly journal: Journal
  readonly folder: string
  readonly agentSocketOf: (machine: string) => string
}

const DEFAULTS: Required<LabOptions> = {
  nodes: 3,
  proxyMode: 'iptables',
  strictArp: true,
  proxyMinSyncPeriod: '100ms',
  suffix: '',
  secondLan: false,
  routers: 0,
  webhooks: false,
  form: 'source',
  nodeGraceMs: 4000,
  endsOnSignal: true,
  log: () => {},
}

/** @throws MachineError when this machine cannot, LabRunningError when such a lab runs already */
export async function prepare(options: LabOptions): Promise<Base> {
  const settled = { ...DEFAULTS, ...options }
  const { nodes, proxyMode, suffix, secondLan, routers, log } = settled
  const topology = planTopology(nodes, suffix, { secondLan, routers })
  checkMachine(proxyMode, ...(routers === 0 ? [] : (['routers'] as const)))
  const binaries = await findBinaries(log)
  log(`Kubernetes programs: ${[...new Set(Object.values(binaries).map((path) => dirname(path)))].join(', ')}`)
  const journal = openJournal(suffix, log)
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-lab-'))
  journal.addFolder(folder)
  const agentSocketOf = (machine: string): string => join(folder, `agent-${machine}.sock`)
  return { ...settled, outer: outerControlPlane(process.env), topology, binaries, journal, folder, agentSocketOf }
}

/** What the environment says, by `outerEnvironment`. */
function outerControlPlane(env: Readonly<Record<string, string | undefined>>): OuterControlPlane | undefined {
  const told = env[OUTER]
  return told === undefined ? undefined : (JSON.parse(told) as OuterControlPlane)
}

const OUTER = 'LAB_CONTROL_PLANE'

/** Has labs that are started with this environment use a control plane outside of them. */
export function outerEnvironment(outer: OuterControlPlane): Readonly<Record<string, string>> {
  return { [OUTER]: JSON.stringify(outer) }
}
