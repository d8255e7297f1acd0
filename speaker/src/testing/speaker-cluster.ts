import {
  CONFIGURATION_STATES,
  type ConfigurationState,
  ENDPOINT_SLICES,
  EVENTS,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  memoryApi,
  type MemoryApi,
  memoryCluster,
  type MemoryCluster,
  NAMESPACES,
  NODES,
  PODS,
  SERVICE_L2_STATUSES,
  SERVICES,
  SPEAKER_STATUSES,
  type SpeakerStatus,
} from '@steelyard/kube'
import { createLogger } from '@steelyard/program'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import type { StateFiles } from '../state-files.ts'
import { type Speaker, startSpeaker } from '../speaker.ts'
import { type MemoryBgp, memoryBgp } from './memory-bgp.ts'
import { type MemoryLink, memoryLink } from './memory-link.ts'
import { type MemoryPeers, memoryPeers } from './memory-peers.ts'
import { l2Advertisement, NAMESPACE, namespaceObject, node, pool, service, slice, speakerPod } from './objects.ts'

type LogLine = Readonly<Record<string, unknown>>

export type TestSpeaker = {
  readonly node: string
  readonly speaker: Speaker
  readonly api: MemoryApi
  readonly link: MemoryLink
  readonly bgp: MemoryBgp
  readonly lines: LogLine[]
  /** Files it may read, by path; a test changes them. */
  readonly files: Map<string, string>
}

type StartOptions = {
  readonly podName?: string
  readonly files?: Readonly<Record<string, string>>
  readonly stateFiles?: StateFiles
  /** Cut off from the API server from the start. */
  readonly isCutOff?: boolean
}

export type SpeakerCluster = {
  readonly clock: FakeClock
  readonly cluster: MemoryCluster
  readonly peers: MemoryPeers
  readonly speakers: Readonly<Record<string, TestSpeaker>>
  /** Starts one more speaker, or one anew. */
  readonly start: (name: string, options?: StartOptions) => TestSpeaker
  /** Lets time pass until everything that has to happen has happened. */
  readonly rest: (ms?: number) => Promise<void>
  /** The nodes that announce an address now. */
  readonly answering: (ip: string) => string[]
  /** Adds a Service with endpoints on all nodes. */
  readonly serve: (name: string, ips: readonly string[], parts?: Parameters<typeof service>[1]) => void
  /** Who the API shows as announcing each Service, as `name@node`, sorted. */
  readonly shown: () => string[]
  readonly stateOf: (name: string) => ConfigurationState | undefined
  /** What a speaker says of itself. */
  readonly statusOf: (node: string) => SpeakerStatus['status']
  /** Reasons of Events, as `reason name`, sorted. */
  readonly events: () => string[]
  /** Forgets all calls so far, and counts the writes from here on. */
  readonly countWrites: () => () => number
  readonly stop: () => Promise<void>
}

export type SceneOptions = {
  readonly nodes?: readonly string[]
  readonly pools?: readonly ReturnType<typeof pool>[]
  readonly advertisements?: readonly ReturnType<typeof l2Advertisement>[]
  /** Nodes whose speakers run; all unless told. */
  readonly running?: readonly string[]
  /** Whether the speakers talk to each other; they do unless told. */
  readonly membership?: boolean
}

/** A SpeakerStatus is written at most every 5 s: then all is at rest. */
const LONGEST_PAUSE_MS = 6000
const NODES_OF_SCENE = ['n1', 'n2', 'n3']

/** Speakers in one process, on one cluster in memory, each with a link of its own. */
export function speakerCluster(options: SceneOptions = {}): SpeakerCluster {
  const { nodes = NODES_OF_SCENE, running = nodes, membership = true } = options
  const clock = fakeClock()
  const cluster = memoryCluster(() => new Date(Date.UTC(2026, 0, 1) + clock.now()))
  fill(cluster, options)
  const peers = memoryPeers(clock, nodes)
  const speakers: Record<string, TestSpeaker> = {}
  const all = (): TestSpeaker[] => Object.values(speakers)
  const start: SpeakerCluster['start'] = (name, options = {}) => {
    const started = startOne(name, { clock, cluster, peers, membership, ...options })
    speakers[name] = started
    return started
  }
  for (const name of running) start(name)
  return {
    clock,
    cluster,
    peers,
    speakers,
    start,
    ...looks(cluster, all),
    rest: async (ms = LONGEST_PAUSE_MS) => clock.advanceAsync(ms),
    serve: (name, ips, parts = {}) => {
      cluster.put(SERVICES, service(name, { ...parts, ips }))
      cluster.put(ENDPOINT_SLICES, slice(name, nodes))
    },
    stop: async () => {
      const stopping = Promise.all(all().map(({ speaker }) => speaker.stop()))
      await clock.advanceAsync(LONGEST_PAUSE_MS)
      await stopping
    },
  }
}

type Looks = Pick<SpeakerCluster, 'answering' | 'shown' | 'stateOf' | 'statusOf' | 'events' | 'countWrites'>

function looks(cluster: MemoryCluster, all: () => TestSpeaker[]): Looks {
  return {
    answering: (ip) => all().flatMap((one) => (one.link.announced().has(ip) ? [one.node] : [])),
    shown: () =>
      cluster
        .readAll(SERVICE_L2_STATUSES)
        .map(({ status }) => `${status?.serviceName}@${status?.node}`)
        .sort(),
    statusOf: (name) => cluster.read(SPEAKER_STATUSES, { namespace: NAMESPACE, name })?.status,
    stateOf: (name) => cluster.read(CONFIGURATION_STATES, { namespace: NAMESPACE, name: `speaker-${name}` }),
    events: () =>
      cluster
        .readAll(EVENTS)
        .map(({ reason, involvedObject }) => `${reason} ${involvedObject.name}`)
        .sort(),
    countWrites: () => {
      for (const { api } of all()) api.calls.length = 0
      return () => all().reduce((sum, { api }) => sum + api.writes().length, 0)
    },
  }
}

function fill(cluster: MemoryCluster, options: SceneOptions): void {
  const { nodes = NODES_OF_SCENE } = options
  const { pools = [pool('lan', ['192.0.2.0/24', '2001:db8::/64'])], advertisements = [l2Advertisement('lan')] } =
    options
  for (const name of [NAMESPACE, 'shop']) cluster.put(NAMESPACES, namespaceObject(name))
  for (const name of nodes) {
    cluster.put(NODES, node(name))
    cluster.put(PODS, speakerPod(name))
  }
  for (const one of pools) cluster.put(IP_ADDRESS_POOLS, one)
  for (const one of advertisements) cluster.put(L2_ADVERTISEMENTS, one)
}

type Surroundings = StartOptions & {
  readonly clock: FakeClock
  readonly cluster: MemoryCluster
  readonly peers: MemoryPeers
  readonly membership: boolean
}

function startOne(name: string, surroundings: Surroundings): TestSpeaker {
  const { clock, cluster, peers, membership, podName = `speaker-${name}`, stateFiles } = surroundings
  const api = memoryApi({ cluster, clock })
  api.faults.partition(surroundings.isCutOff === true)
  const link = memoryLink(name, peers)
  const bgp = memoryBgp()
  const lines: LogLine[] = []
  const files = new Map(Object.entries(surroundings.files ?? {}))
  const log = createLogger({
    level: 'debug',
    caller: 'test',
    to: { write: (line) => void lines.push(JSON.parse(line) as LogLine) },
  })
  const timeOfDay = (): Date => new Date(Date.UTC(2026, 0, 1) + clock.now())
  const random = seededRandom(name.length)
  const speaker = startSpeaker(
    { api, link, bgp, clock, timeOfDay, random, log, readText: async (path) => files.get(path), stateFiles },
    {
      node: name,
      namespace: NAMESPACE,
      podName,
      loadBalancerClass: '',
      ignoreExcludeLabel: false,
      speakerLabels: { app: 'metallb', component: 'speaker' },
      membership: membership ? { bindAddress: '192.0.2.250', port: 7946, secretKeyPath: '', wan: false } : undefined,
    },
  )
  return { node: name, speaker, api, link, bgp, lines, files }
}
