import type {
  Condition,
  ConfigMap,
  EndpointSlice,
  KubeObject,
  Namespace,
  Node,
  Pod,
  Secret,
  Service,
} from '@steelyard/model'

/** A configuration object: its spec is read, and judged, by the model only. */
export type ConfigObject = KubeObject & { readonly spec?: unknown }
export type PoolObject = ConfigObject & { readonly status?: Readonly<Record<string, number | bigint>> }

/** What a speaker reports of itself, as the API has it; times are RFC 3339. */
export type SpeakerReport = KubeObject & {
  readonly status?: {
    readonly node?: string
    readonly standing?: string
    readonly members?: readonly { readonly node: string; readonly status: string; readonly since: string }[]
    readonly owned?: readonly {
      readonly ip: string
      readonly epoch: number
      readonly since: string
      readonly services?: readonly string[]
      readonly cause?: string
    }[]
    readonly moves?: readonly ReportedMove[]
    readonly conflicts?: readonly ReportedConflict[]
    readonly sessions?: readonly ReportedSession[]
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
  }
}
export type ReportedMove = {
  readonly at: string
  readonly ip: string
  readonly from?: string
  readonly to?: string
  readonly cause?: string
}
export type ReportedConflict = {
  readonly ip: string
  readonly mac: string
  readonly interface: string
  readonly since: string
  /** The node whose MAC it is, if it is one's. */
  readonly ofNode?: string
}
export type ReportedSession = {
  readonly peer: string
  readonly neighbour: string
  readonly state: string
  readonly since: string
  readonly flaps?: number
  readonly announced?: number
  readonly pending?: number
  readonly unsendable?: number
  readonly lastError?: string
  readonly localASN?: number
  readonly remoteASN?: number
  readonly bfd?: { readonly state: string; readonly since: string; readonly lastDown?: string }
}

export type ConfigurationStateObject = KubeObject & {
  readonly status?: {
    readonly result?: string
    readonly errorSummary?: string
    readonly conditions?: readonly Condition[]
  }
}
export type EventObject = KubeObject & {
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string }
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly lastTimestamp?: string | null
}

/** All that commands look at, by what it is. What a command does not ask for is empty. */
export type ClusterObjects = {
  readonly services: readonly Service[]
  readonly endpointSlices: readonly EndpointSlice[]
  readonly nodes: readonly Node[]
  readonly namespaces: readonly Namespace[]
  /** Of the product's namespace, as all that follow. */
  readonly pods: readonly Pod[]
  readonly secrets: readonly Secret[]
  readonly pools: readonly PoolObject[]
  readonly communities: readonly ConfigObject[]
  readonly l2Advertisements: readonly ConfigObject[]
  readonly bgpAdvertisements: readonly ConfigObject[]
  readonly bgpPeers: readonly ConfigObject[]
  readonly bfdProfiles: readonly ConfigObject[]
  readonly bgpPeerPolicies: readonly ConfigObject[]
  readonly configurationStates: readonly ConfigurationStateObject[]
  readonly speakerStatuses: readonly SpeakerReport[]
  /** Cluster-wide. */
  readonly speakerPolicies: readonly ConfigObject[]
  /** Of kube-system: how kube-proxy is set up. */
  readonly systemConfigMaps: readonly ConfigMap[]
  /** Of the Service that is asked about. */
  readonly events: readonly EventObject[]
}

export type ObjectKey = keyof ClusterObjects

export const NO_OBJECTS: ClusterObjects = {
  services: [],
  endpointSlices: [],
  nodes: [],
  namespaces: [],
  pods: [],
  secrets: [],
  pools: [],
  communities: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  bgpPeers: [],
  bfdProfiles: [],
  bgpPeerPolicies: [],
  configurationStates: [],
  speakerStatuses: [],
  speakerPolicies: [],
  systemConfigMaps: [],
  events: [],
}
