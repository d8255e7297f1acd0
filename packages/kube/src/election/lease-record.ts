import type { Lease, ObjectRef } from '../objects.ts'

/** What the election reads of a Lease. */
export type LeaseRecord = {
  /** Who holds it; empty when released. */
  readonly holder: string
  /** Counts acquisitions: holder and term together name one reign of one process. */
  readonly term: number
  /** Changes with each renewal; only ever compared for equality. */
  readonly renewed: string
  /** The last wish of a standby that the holder show a sign of life: unique text, empty when none. */
  readonly ask: string
  readonly version: string
  readonly lease: Lease
}

/** Where a standby leaves its wish. */
export const ASK_ANNOTATION = 'steelyard.dev/asked-by'
/** For people who look at the Lease; nobody computes with it. */
const LEASE_DURATION_SECONDS = 3

export function recordOf(lease: Lease): LeaseRecord {
  const { spec = {}, metadata } = lease
  return {
    holder: spec.holderIdentity ?? '',
    term: spec.leaseTransitions ?? 0,
    renewed: spec.renewTime ?? '',
    ask: metadata.annotations?.[ASK_ANNOTATION] ?? '',
    version: metadata.resourceVersion ?? '',
    lease,
  }
}

/**
 * Whether `a` was written before `b`. Resource versions of one object are growing decimal numbers on every
 * API server (promised since Kubernetes 1.35, so in practice before that).
 */
export function isOlder(a: LeaseRecord, b: LeaseRecord): boolean {
  return a.version.length === b.version.length ? a.version < b.version : a.version.length < b.version.length
}

/** The Lease for a new reign: of a record, or of nothing. A new reign starts without a wish. */
export function takenLease(from: LeaseRecord | undefined, ref: ObjectRef, identity: string, now: Date): Lease {
  const { [ASK_ANNOTATION]: _asked, ...annotations } = from?.lease.metadata.annotations ?? {}
  const time = microTime(now)
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...(from?.lease.metadata ?? ref), annotations },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: LEASE_DURATION_SECONDS,
      leaseTransitions: from === undefined ? 0 : from.term + 1,
      acquireTime: time,
      renewTime: time,
    },
  }
}

export function renewedLease({ lease }: LeaseRecord, now: Date): Lease {
  return { ...lease, spec: { ...lease.spec, renewTime: microTime(now) } }
}

export function releasedLease({ lease }: LeaseRecord, now: Date): Lease {
  return { ...lease, spec: { ...lease.spec, holderIdentity: '', renewTime: microTime(now) } }
}

/** The API's MicroTime wants exactly six digits after the second. */
function microTime(now: Date): string {
  return now.toISOString().replace('Z', '000Z')
}
