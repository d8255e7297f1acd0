import { ANNOTATIONS, type ServiceView } from '@steelyard/model'

/** Contractual words of Events on Services; those of the log (`ipAllocated`, `clearAssignment`) follow from two of them. */
export type Reason =
  | 'IPAllocated'
  | 'AdditionalAssignFailed'
  | 'ClearAssignment'
  | 'AllocationFailed'
  | 'LoadBalancerFailed'
  | 'not enough clusterips'
  | 'noclusterIPsIPFamily'
  | 'nolbIPsIPFamily'
  | 'deprecatedAnnotation'
  | 'InternalError'

/** Those that describe a state, found again at every look, and not something that happens. */
export const LASTING: ReadonlySet<Reason> = new Set<Reason>([
  'AdditionalAssignFailed',
  'AllocationFailed',
  'InternalError',
  'LoadBalancerFailed',
  'not enough clusterips',
  'noclusterIPsIPFamily',
])

/** What the Service's owner should be told. */
export type Tell = { readonly type: 'Normal' | 'Warning'; readonly reason: Reason; readonly message: string }

/** What the Service should show: addresses in this order, and the pool they are of. No addresses: no pool. */
export type Desired = { readonly addresses: readonly string[]; readonly pool?: string }

export const CLEARED: Desired = { addresses: [] }

export function sameDesired(a: Desired | undefined, b: Desired | undefined): boolean {
  return a?.pool === b?.pool && a?.addresses.join() === b?.addresses.join()
}

export function poolAnnotation({ annotations }: Pick<ServiceView, 'annotations'>): string | undefined {
  return annotations[ANNOTATIONS.allocatedFromPool]
}

/** As the API has an entry of the ingress list; more than the speaker needs to know. */
type IngressEntry = ServiceView['ingress'][number] & { readonly ipMode?: unknown; readonly ports?: unknown }

/** Whether the Service shows exactly this, so that there is nothing to write. */
export function shows(view: ServiceView, { addresses, pool }: Desired): boolean {
  return (
    poolAnnotation(view) === pool &&
    view.ingress.length === addresses.length &&
    view.ingress.every((entry, at) => showsOnly(entry, addresses[at]))
  )
}

/** Kubernetes itself adds `ipMode: VIP`, its default; any other mode was put there by somebody else. */
function showsOnly(entry: IngressEntry, address: string | undefined): boolean {
  const hasPorts = Array.isArray(entry.ports) && entry.ports.length > 0
  const isPlain = (entry.hostname ?? '') === '' && (entry.ipMode ?? 'VIP') === 'VIP' && !hasPorts
  return isPlain && entry.ip === address
}

/** The Service as it will be once `desired` is stored: what is decided next builds on it. */
export function showing(view: ServiceView, desired: Desired): ServiceView {
  const { [ANNOTATIONS.allocatedFromPool]: _, ...annotations } = view.annotations
  return {
    ...view,
    annotations:
      desired.pool === undefined ? annotations : { ...annotations, [ANNOTATIONS.allocatedFromPool]: desired.pool },
    ingress: desired.addresses.map((ip) => ({ ip })),
  }
}
