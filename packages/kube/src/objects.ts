import type { Condition, KubeObject, ObjectMeta } from '@steelyard/model'

/** What Steelyard reads and writes of kinds that the model does not know: coordination, Events, statuses. */
export type Lease = KubeObject & {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly leaseTransitions?: number
    /** RFC 3339 with microseconds; for people, never compared between machines. */
    readonly acquireTime?: string
    readonly renewTime?: string
  }
}

export type EventType = 'Normal' | 'Warning'

export type ObjectReference = {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid?: string
  readonly resourceVersion?: string
}

/** core/v1 Event. */
export type KubeEvent = KubeObject & {
  readonly involvedObject: ObjectReference
  readonly type: EventType
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly firstTimestamp: string
  readonly lastTimestamp: string
  readonly source: { readonly component: string; readonly host?: string }
  readonly reportingComponent?: string
  readonly reportingInstance?: string
}

/** A kind of `metallb.io`: its spec is read, and judged, by the model only. */
export type ConfigObject = KubeObject & { readonly spec?: unknown }

export type PoolObject = ConfigObject & {
  /** int64 counters: `bigint` once they may leave the safe integers. */
  readonly status?: Readonly<Record<string, number | bigint>>
}

export type ServiceL2Status = KubeObject & {
  readonly status?: {
    readonly node?: string
    readonly serviceName?: string
    readonly serviceNamespace?: string
    readonly interfaces?: readonly { readonly name: string }[]
  }
}

export type ServiceBgpStatus = KubeObject & {
  readonly status?: {
    readonly node?: string
    readonly serviceName?: string
    readonly serviceNamespace?: string
    readonly peers?: readonly string[]
  }
}

export type ConfigurationState = KubeObject & {
  readonly status?: {
    readonly result?: string
    readonly errorSummary?: string
    readonly conditions?: readonly Condition[]
  }
}

/** A SpeakerPolicy: its spec is read by the model. */
export type SpeakerPolicyObject = ConfigObject & {
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] }
}

/** What one speaker reports of itself; times are RFC 3339. */
export type SpeakerStatus = KubeObject & {
  readonly status?: {
    readonly node?: string
    readonly standing?: string
    readonly observedPolicyGeneration?: number
    readonly memberCount?: number
    readonly members?: readonly { readonly node: string; readonly status: string; readonly since: string }[]
    readonly ownedCount?: number
    readonly owned?: readonly {
      readonly ip: string
      readonly epoch: number
      readonly since: string
      readonly services?: readonly string[]
      readonly cause?: string
    }[]
    readonly moves?: readonly {
      readonly at: string
      readonly ip: string
      readonly from?: string
      readonly to?: string
      readonly cause?: string
    }[]
    readonly conflicts?: readonly {
      readonly ip: string
      readonly mac: string
      readonly interface: string
      readonly since: string
      readonly ofNode?: string
    }[]
    readonly sessionCount?: number
    readonly establishedCount?: number
    readonly sessionsUp?: string
    readonly sessions?: readonly {
      readonly peer: string
      readonly neighbour: string
      readonly state: string
      readonly since: string
      readonly announced?: number
      readonly lastError?: string
    }[]
    readonly dropped?: readonly { readonly reason: string; readonly count: number }[]
    readonly conditions?: readonly Condition[]
  }
}

export type Deployment = KubeObject & {
  readonly spec?: { readonly replicas?: number }
  readonly status?: { readonly readyReplicas?: number; readonly conditions?: readonly Condition[] }
}

/** Whose a token is. Nothing of it is stored. */
export type TokenReview = KubeObject & {
  readonly spec: { readonly token: string }
  readonly status?: { readonly authenticated?: boolean; readonly user?: UserInfo; readonly error?: string }
}

export type UserInfo = {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Whether somebody may do something. Nothing of it is stored. */
export type SubjectAccessReview = KubeObject & {
  readonly spec: {
    readonly user?: string
    readonly uid?: string
    readonly groups?: readonly string[]
    readonly extra?: Readonly<Record<string, readonly string[]>>
    readonly nonResourceAttributes: { readonly path: string; readonly verb: string }
  }
  readonly status?: { readonly allowed: boolean; readonly reason?: string; readonly evaluationError?: string }
}

export type CustomResourceDefinition = KubeObject & {
  readonly spec?: unknown
  readonly status?: { readonly conditions?: readonly Condition[] }
}

/** One entry of it calls one path for some kinds. */
export type WebhookEntry = {
  readonly name: string
  readonly clientConfig: {
    readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string }
    readonly url?: string
    /** Base64 of PEM. */
    readonly caBundle?: string
  }
}
export type ValidatingWebhookConfiguration = KubeObject & {
  /** The API leaves an empty list out. */
  readonly webhooks?: readonly WebhookEntry[]
}

/** Names one object of a resource; any object's `metadata` will do. */
export type ObjectRef = { readonly namespace?: string; readonly name: string }

/** An object yet to be created: the API names it when only `generateName` is given. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata'> & { readonly metadata: Partial<ObjectMeta> }

/** `namespace/name`, or `name` for what lives in no namespace. */
export function keyOf({ metadata }: { readonly metadata: ObjectRef }): string {
  return metadata.namespace === undefined || metadata.namespace === ''
    ? metadata.name
    : `${metadata.namespace}/${metadata.name}`
}

/** The way back from `keyOf`. */
export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** What server-side apply sends: the fields to own, with the identity of the object they belong to. */
export function applyBody(
  type: { readonly apiVersion: string; readonly kind: string },
  { namespace, name }: ObjectRef,
  body: unknown,
): unknown {
  const fields = body as { readonly metadata?: object }
  return {
    ...fields,
    ...type,
    metadata: { ...fields.metadata, name, ...(namespace === undefined ? {} : { namespace }) },
  }
}
