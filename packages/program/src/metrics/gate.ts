import { createHash } from 'node:crypto'
import type { Clock } from '@steelyard/runtime'
import { BEARER } from '../constants.ts'
import { errorText } from '../error-text.ts'

/** What is known of a caller by its token. @property why words for whoever was refused */
export type CallerVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'unknown' | 'forbidden'; readonly why: string }

export type Admission =
  | { readonly ok: true }
  | { readonly ok: false; readonly status: 401 | 403 | 503; readonly why: string }

/** Lets in who may, by asking for each token once in a while. */
export type Gate = { readonly admit: (authorization: string | undefined) => Promise<Admission> }

export type GatePorts = {
  /** Rejects when it cannot be found out. */
  readonly review: (token: string) => Promise<CallerVerdict>
  readonly clock: Pick<Clock, 'now'>
}

/** Scrapers ask every 15 to 60 s: the API server hears of each once a minute. */
const ALLOWED_MS = 60_000
/** A right that was just given is soon worth something. */
const REFUSED_MS = 5000
/** While the API server is away one wants to see what goes on: whoever was let in lately stays. */
const GRACE_MS = 10 * 60_000
/** Few have a reason to read metrics. */
const MOST_KNOWN = 64
/** Reviews at a time: a stranger with many tokens must not keep the API server busy. */
const MOST_ASKED = 8

type Known = { readonly verdict: CallerVerdict; readonly at: number }
type State = GatePorts & {
  /** By digest of the token: tokens themselves are not kept. In the order in which they were asked about. */
  readonly known: Map<string, Known>
  readonly asked: Map<string, Promise<Admission>>
}

export function gate(ports: GatePorts): Gate {
  const state: State = { ...ports, known: new Map(), asked: new Map() }
  return { admit: (authorization) => admit(state, authorization) }
}

const NO_TOKEN = refused(401, 'a bearer token is needed: Authorization: Bearer TOKEN')
const TOO_MANY = refused(503, 'too many callers are being looked up: try again')

async function admit(state: State, authorization: string | undefined): Promise<Admission> {
  const [, token] = BEARER.exec(authorization ?? '') ?? []
  if (token === undefined) return NO_TOKEN
  const key = createHash('sha256').update(token).digest('base64')
  const known = state.known.get(key)
  if (known !== undefined && isFresh(known, state.clock.now())) return admissionOf(known.verdict)
  const underWay = state.asked.get(key)
  if (underWay !== undefined) return underWay
  if (state.asked.size >= MOST_ASKED) return TOO_MANY
  const asking = ask(state, key, token).finally(() => state.asked.delete(key))
  state.asked.set(key, asking)
  return asking
}

function isFresh({ verdict, at }: Known, now: number): boolean {
  return now - at < (verdict.kind === 'allowed' ? ALLOWED_MS : REFUSED_MS)
}

async function ask(state: State, key: string, token: string): Promise<Admission> {
  const { known, clock, review } = state
  try {
    const verdict = await review(token)
    known.delete(key)
    known.set(key, { verdict, at: clock.now() })
    for (const oldest of known.keys()) if (known.size > MOST_KNOWN) known.delete(oldest)
    return admissionOf(verdict)
  } catch (error) {
    const before = known.get(key)
    if (before?.verdict.kind === 'allowed' && clock.now() - before.at < GRACE_MS) return { ok: true }
    return refused(503, `the API server could not be asked who you are: ${errorText(error)}`)
  }
}

function admissionOf(verdict: CallerVerdict): Admission {
  if (verdict.kind === 'allowed') return { ok: true }
  return refused(verdict.kind === 'unknown' ? 401 : 403, verdict.why)
}

function refused(status: 401 | 403 | 503, why: string): Admission {
  return { ok: false, status, why }
}
