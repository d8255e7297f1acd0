import type { ConfigMap, KubeObject } from '@steelyard/model'

/** A DaemonSet or Deployment, as far as it shows which product it is of. */
export type Workload = KubeObject & {
  readonly spec?: {
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly {
          readonly name?: string
          readonly image?: string
          readonly env?: readonly { readonly name: string; readonly value?: string }[]
        }[]
      }
    }
  }
  readonly status?: { readonly numberReady?: number; readonly readyReplicas?: number }
}

export type Definition = KubeObject & {
  readonly spec?: {
    readonly group?: string
    readonly conversion?: { readonly strategy?: string }
    readonly versions?: readonly { readonly name: string; readonly served?: boolean }[]
  }
}

export type Webhooks = KubeObject & {
  readonly webhooks?: readonly { readonly name: string; readonly failurePolicy?: string }[]
}

/** What other products leave in a cluster. */
export type ForeignObjects = {
  readonly daemonSets: readonly Workload[]
  readonly deployments: readonly Workload[]
  readonly definitions: readonly Definition[]
  readonly webhooks: readonly Webhooks[]
  readonly frrConfigurations: readonly KubeObject[]
  readonly ciliumPools: readonly KubeObject[]
  readonly productConfigMaps: readonly ConfigMap[]
  readonly systemConfigMaps: readonly ConfigMap[]
}
export type ForeignKey = keyof ForeignObjects

export function imagesOf({ spec }: Workload): readonly string[] {
  return (spec?.template?.spec?.containers ?? []).flatMap(({ image }) => image ?? [])
}

export function nameOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`
}
