import { isOlder, type LeaseRecord } from './lease-record.ts'

/** Times in milliseconds. The order `validMs < patienceMs` and `askLastsMs < obeyMs` is what makes it safe. */
export type ElectionConfig = {
  /** Of this process; no two living processes may share it. */
  readonly me: string
  /** A holder that was asked renews this often. */
  readonly renewMs: number
  /** A holder may act for this long after it sent what proved that it holds the Lease. */
  readonly validMs: number
  /** A standby whose wish stays unanswered for this long takes over. */
  readonly patienceMs: number
  /** A standby repeats its wish this often. */
  readonly askAgainMs: number
  /** A standby relies on a wish of its own for this long after sending it. */
  readonly askLastsMs: number
  /** A holder obeys a wish for this long after seeing it. */
  readonly obeyMs: number
  /** The wait after a failed call. */
  readonly retryMs: number
}

export type Role = 'candidate' | 'holder' | 'lost' | 'released'

/** What the shell does at the API, one call at a time. */
export type ElectionCall = 'read' | 'create' | 'take' | 'renew' | 'ask' | 'release'

export type Election = {
  readonly role: Role
  /** The Lease as last seen; `absent` when there is none, undefined when we do not know. */
  readonly record: LeaseRecord | 'absent' | undefined
  /** When holder, term or renewal last changed before our eyes. */
  readonly seenAt: number
  /** Standby: our unbroken row of wishes: when the first was known to be there, when the last was sent. */
  readonly asked: { readonly since: number; readonly sentAt: number } | undefined
  /** Holder: the term of this reign. */
  readonly term: number
  /** Holder: the last wish seen, and how long it is to be obeyed. */
  readonly ask: string
  readonly obeyUntil: number
  readonly renewAt: number
  /** Holder: when that was sent which last proved that nobody can have taken over. */
  readonly provenAt: number
  /** Somebody wants to act and needs to know whether we may. */
  readonly proofWanted: boolean
  /** What we know of the Lease was found outdated. */
  readonly mustRead: boolean
  readonly pending: ElectionCall | undefined
  readonly retryAt: number
  readonly stopping: boolean
  readonly releaseTries: number
}

export type ElectionEvent =
  | { readonly kind: 'seen'; readonly record: LeaseRecord }
  /** The watch saw the Lease go, as it was in `record`. */
  | { readonly kind: 'gone'; readonly record: LeaseRecord }
  | { readonly kind: 'answered'; readonly sentAt: number; readonly record: LeaseRecord | 'absent' }
  /** `outdated`: the API refused because the Lease is not what we took it for. */
  | { readonly kind: 'failed'; readonly why: 'outdated' | 'error' }
  | { readonly kind: 'proofWanted' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'woken' }

export type ElectionStep = { readonly state: Election; readonly call: ElectionCall | undefined }

export const RELEASE_TRIES = 3

export function newElection(): Election {
  return {
    role: 'candidate',
    record: undefined,
    seenAt: -Infinity,
    asked: undefined,
    term: -1,
    ask: '',
    obeyUntil: -Infinity,
    renewAt: Infinity,
    provenAt: -Infinity,
    proofWanted: false,
    mustRead: false,
    pending: undefined,
    retryAt: -Infinity,
    stopping: false,
    releaseTries: 0,
  }
}

/** Whether the holder may act now: its last proof is younger than any standby's patience. */
export function isValid({ role, stopping, provenAt }: Election, now: number, config: ElectionConfig): boolean {
  return role === 'holder' && !stopping && now - provenAt < config.validMs
}

/** Whether a wish is being obeyed. */
export function isAsked({ obeyUntil }: Election, now: number): boolean {
  return now < obeyUntil
}

/** Takes in what the API shows of the Lease, from whichever side; older news than we have change nothing. */
export function absorb(state: Election, record: LeaseRecord, now: number, config: ElectionConfig): Election {
  const known = state.record
  if (typeof known === 'object' && isOlder(record, known)) return state
  const sameReign = typeof known === 'object' && known.holder === record.holder && known.term === record.term
  const quiet = sameReign && known.renewed === record.renewed
  const seen = { ...state, record, seenAt: quiet ? state.seenAt : now }
  if (state.role === 'holder') return absorbAsHolder(seen, record, now, config)
  return sameReign ? seen : { ...seen, asked: undefined }
}

function absorbAsHolder(state: Election, record: LeaseRecord, now: number, config: ElectionConfig): Election {
  const held = record.holder === config.me && record.term === state.term
  // Our own release comes back by the watch as well.
  if (!held) return { ...state, role: state.stopping ? 'released' : 'lost' }
  if (record.ask === '' || record.ask === state.ask) return state
  return { ...state, ask: record.ask, obeyUntil: now + config.obeyMs, renewAt: now }
}
