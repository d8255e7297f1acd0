/** What speakers seal their messages with when nobody gave them a secret: everybody knows it. */
export const ZERO_SECRET: Uint8Array = new Uint8Array(16)

/** How long a new secret is only accepted: by then every kubelet has brought it to its node (a minute and a half at most). */
export const SEALS_AFTER_MS = 120_000
/** How long the former one is accepted: whoever is late still belongs to us. */
export const ACCEPTED_FOR_MS = 300_000
/** However often somebody writes the Secret. */
const MOST_SECRETS = 4

type Entry = {
  readonly secret: Uint8Array
  /** From when on it seals, by the clock; `Infinity` for one that was replaced before it did. */
  readonly sealsAt: number
  /** Until when it is accepted. */
  readonly until: number
}

/** The secrets that were found one after the other, newest first. */
export type KeyRing = readonly Entry[]

/** What to seal with, and what to accept. */
export type MembershipKeys = {
  readonly sealing: Uint8Array
  /** The one that seals among them. */
  readonly accepted: readonly Uint8Array[]
  /** False as long as the one that seals is `ZERO_SECRET`. */
  readonly authenticated: boolean
}

/** The ring before anything was found, or with the secret that was there at the start: it seals from the first message on. */
export function firstKey(secret: Uint8Array): KeyRing {
  return [{ secret, sealsAt: -Infinity, until: Infinity }]
}

/** The ring after another secret was found in place of the newest. */
export function rotate(ring: KeyRing, secret: Uint8Array, now: number): KeyRing {
  const [newest] = ring
  if (newest !== undefined && sameSecret(newest.secret, secret)) return ring
  const known = ring.find((entry) => entry.until > now && sameSecret(entry.secret, secret))
  // One that has sealed and comes back within its time is known to all: it need not wait again.
  const sealsAt = known === undefined || known.sealsAt > now ? now + SEALS_AFTER_MS : known.sealsAt
  const next: Entry = { secret, sealsAt, until: Infinity }
  const former = ring.filter((entry) => entry !== known && entry.until > now).map((entry) => replaced(entry, now))
  return [next, ...former].slice(0, MOST_SECRETS)
}

/** One that has not sealed yet never will: some nodes may never have seen it. */
function replaced({ secret, sealsAt, until }: Entry, now: number): Entry {
  return { secret, sealsAt: sealsAt > now ? Infinity : sealsAt, until: Math.min(until, now + ACCEPTED_FOR_MS) }
}

/** Which secrets count at a time of the clock. */
export function keysAt(ring: KeyRing, now: number): MembershipKeys {
  const valid = ring.filter(({ until }) => until > now)
  const sealing = (valid.find(({ sealsAt }) => sealsAt <= now) ?? valid[0])?.secret ?? ZERO_SECRET
  return {
    sealing,
    accepted: valid.length === 0 ? [ZERO_SECRET] : valid.map(({ secret }) => secret),
    authenticated: !sameSecret(sealing, ZERO_SECRET),
  }
}

export function sameKeys(a: MembershipKeys, b: MembershipKeys): boolean {
  return (
    sameSecret(a.sealing, b.sealing) &&
    a.accepted.length === b.accepted.length &&
    a.accepted.every((secret, at) => sameSecret(secret, b.accepted[at] ?? ZERO_SECRET))
  )
}

/** Both are ours, so no one learns anything from how long this takes. */
function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
