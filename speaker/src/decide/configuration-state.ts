import {
  type Condition,
  CONFIGURATION_CONDITIONS,
  configurationCondition,
  type ConfigurationOutcome,
  GROUP,
  KINDS,
  type KubeObject,
  LABELS,
  type Labels,
  type OwnerReference,
  summarizeConditions,
} from '@steelyard/model'
import { MISSING_INTERFACES, noticeMetadata } from './interface-notice.ts'
import { labelValue } from './label-value.ts'
import { isOwnedBy } from './own-pod.ts'

/** A ConfigurationState as the API has it. */
export type ConfigurationStateObject = KubeObject & {
  readonly status?: {
    readonly result?: string
    readonly errorSummary?: string
    readonly conditions?: readonly Condition[]
  }
}

/** All that this speaker's ConfigurationState is to show. */
export type ConfigurationStateWish = {
  readonly node: string
  readonly owner: OwnerReference | undefined
  readonly outcome: ConfigurationOutcome
  /** RFC 3339: when the configuration was last looked at. */
  readonly checkedAt: string
  readonly missingInterfaces: ReadonlySet<string>
}

/** The name of a speaker's ConfigurationState. */
export function stateNameOf(node: string): string {
  return `speaker-${node}`
}

const COMPONENT = 'speaker'

export type StateMetadata = {
  readonly labels: Labels
  readonly annotations: Labels
  readonly ownerReferences?: readonly OwnerReference[]
}

export function stateMetadata({ node, owner, missingInterfaces }: ConfigurationStateWish): StateMetadata {
  const notice = noticeMetadata(missingInterfaces)
  return {
    labels: { [LABELS.componentType]: COMPONENT, [LABELS.nodeName]: labelValue(node), ...notice.labels },
    annotations: notice.annotations,
    ...(owner === undefined ? {} : { ownerReferences: [owner] }),
  }
}

type Status = NonNullable<ConfigurationStateObject['status']>

/** Our condition, and the summary of all there are: another field manager may own others. */
export function stateStatus(object: ConfigurationStateObject | undefined, wish: ConfigurationStateWish): Status {
  const { type } = CONFIGURATION_CONDITIONS.speaker
  const ours = configurationCondition(type, wish.outcome, wish.checkedAt)
  const others = (object?.status?.conditions ?? []).filter((condition) => condition.type !== type)
  return { ...summarizeConditions([...others, ours]), conditions: [ours] }
}

export const STATE_TYPE = { apiVersion: `${GROUP}/v1beta1`, kind: KINDS.configurationState } as const

/** What of the object differs from the wish: what others did to it is undone, what they added is theirs. */
export function stateDifferences(
  object: ConfigurationStateObject | undefined,
  wish: ConfigurationStateWish,
): { readonly metadata: boolean; readonly status: boolean } {
  return {
    metadata: object === undefined || !hasMetadata(object, stateMetadata(wish)),
    status: object === undefined || !hasStatus(object, stateStatus(object, wish)),
  }
}

function hasMetadata({ metadata }: ConfigurationStateObject, wanted: StateMetadata): boolean {
  const { labels = {}, annotations = {} } = metadata
  return (
    Object.entries(wanted.labels).every(([key, value]) => labels[key] === value) &&
    labels[MISSING_INTERFACES] === wanted.labels[MISSING_INTERFACES] &&
    annotations[MISSING_INTERFACES] === wanted.annotations[MISSING_INTERFACES] &&
    isOwnedBy(metadata, wanted.ownerReferences?.[0])
  )
}

const CONDITION_FIELDS = ['status', 'reason', 'message', 'lastTransitionTime'] as const

function hasStatus({ status = {} }: ConfigurationStateObject, wanted: Status): boolean {
  return (
    status.result === wanted.result &&
    (status.errorSummary ?? '') === wanted.errorSummary &&
    (wanted.conditions ?? []).every((condition) => {
      const found = status.conditions?.find(({ type }) => type === condition.type)
      return CONDITION_FIELDS.every((field) => found?.[field] === condition[field])
    })
  )
}
