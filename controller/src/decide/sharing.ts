import { readAnnotations, type ServiceView } from '@steelyard/model'

/** What matters about a Service where it holds an address: who may stand beside it. */
export type Tenant = {
  /** `namespace/name` of the Service. */
  readonly service: string
  /** Absent = shares with nobody. Services with equal text may share an address when their ports differ. */
  readonly group?: string
  /** `TCP/80`, sorted, each once. */
  readonly ports: readonly string[]
}

/** Whom a place must have room for; who it is does not matter. */
export type Sharing = Omit<Tenant, 'service'>

export function tenantOf(view: ServiceView): Tenant {
  const ports = [...new Set(view.ports.map(({ protocol = 'TCP', port }) => `${protocol}/${port}`))].sort()
  const key = readAnnotations(view).sharingKey?.value ?? ''
  return key === '' ? { service: view.key, ports } : { service: view.key, ports, group: groupOf(key, view) }
}

/**
 * The sharing key, and what kube-proxy must see alike: under Local only the same backends keep the address on
 * the same nodes. A Local Service without selector has nobody's backends, as all have under Cluster.
 */
function groupOf(sharingKey: string, { trafficPolicy, selector }: ServiceView): string {
  const backends = trafficPolicy === 'Local' ? canonicalSelector(selector) : ''
  return `${backends}\n${sharingKey}`
}

/** Label syntax has no `=`, `,` nor line break, so this text is unambiguous. */
function canonicalSelector(selector: ServiceView['selector']): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',')
}

export function sameTenant(a: Tenant, b: Tenant): boolean {
  return a.group === b.group && a.ports.length === b.ports.length && a.ports.every((port, at) => port === b.ports[at])
}
