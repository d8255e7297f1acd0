import type { AddressConflict, ConflictFact } from '../messages.ts'

/** A use of an address by a MAC that is none of this node's. */
export type Heard = Omit<AddressConflict, 'times'> & {
  /** A refused address is not over before it was asked for again: kept that long at least. */
  readonly keepUntil?: number
}

type Pair = {
  heard: Heard
  times: number
  /** When this went on without a break from. */
  sinceAt: number
  heardAt: number
  toldAt: number | undefined
  endsAt: number
  /** When the LAN is asked whether a peer still uses it; undefined when nobody needs to be asked. */
  lookAt: number | undefined
}

/**
 * Who uses the addresses of this node beside it, by address and MAC, the one heard longest ago
 * first. Bounded: whoever invents MACs fills neither the memory nor the main thread's mailbox.
 */
export type ConflictWatch = {
  readonly pairs: Map<string, Pair>
  /** When each address was defended last, by channel and address. */
  readonly defendedAt: Map<string, number>
  /** New conflicts that may still be told, and when that was reckoned. */
  allowance: number
  allowanceAt: number
}

export type ConflictConfig = {
  readonly mostPairs: number
  /** A conflict that goes on is told again after this time. */
  readonly repeatMs: number
  /** Unheard of for so long, a conflict has ended. */
  readonly quietMs: number
  /** How long after the next check of a refused address begins its verdict is there. */
  readonly refusalGraceMs: number
  /** A move from one speaker to another takes less than this: longer, and it is told. */
  readonly peerMs: number
  /** Between two frames of a peer that belong to one overlap. */
  readonly peerGapMs: number
  /** So many conflicts may be told as new at once, and then so many a second. */
  readonly news: { readonly credit: number; readonly perSecond: number }
  /** RFC 5227 section 1.1, DEFEND_INTERVAL. */
  readonly defendMs: number
}

export function conflictWatch(): ConflictWatch {
  return {
    pairs: new Map(),
    defendedAt: new Map(),
    allowance: Number.POSITIVE_INFINITY,
    allowanceAt: Number.NEGATIVE_INFINITY,
  }
}

/** Takes note of one frame. @returns what is news: the conflict, or the end of one that had to make room. */
export function noteConflict(
  watch: ConflictWatch,
  heard: Heard,
  now: number,
  config: ConflictConfig,
): readonly ConflictFact[] {
  const key = `${heard.ip} ${heard.mac}`
  const known = watch.pairs.get(key)
  const pair = known ?? newPair(heard, now)
  if (pair.toldAt === undefined && now - pair.heardAt > config.peerGapMs) pair.sinceAt = now
  // Its answer to a look is all that is heard of a kernel that has the address: one more look tells whether it lasts.
  if (heard.whose === 'peer' && pair.sinceAt === now) pair.lookAt = now + config.peerMs + LOOK_AFTER_MS
  pair.heard = heard
  pair.times += 1
  pair.heardAt = now
  pair.endsAt = Math.max(now + config.quietMs, heard.keepUntil ?? now)
  watch.pairs.delete(key)
  watch.pairs.set(key, pair)
  const told = isNews(watch, pair, now, config) ? [tell(pair, now)] : []
  return [...makeRoom(watch, config), ...told]
}

/** Behind the time that an overlap may take. */
const LOOK_AFTER_MS = 50

function newPair(heard: Heard, now: number): Pair {
  return { heard, times: 0, sinceAt: now, heardAt: now, toldAt: undefined, endsAt: now, lookAt: undefined }
}

function isNews(watch: ConflictWatch, pair: Pair, now: number, config: ConflictConfig): boolean {
  if (pair.toldAt !== undefined) return now - pair.toldAt >= config.repeatMs
  if (pair.heard.whose === 'peer' && now - pair.sinceAt <= config.peerMs) return false
  return isAllowed(watch, now, config)
}

function isAllowed(watch: ConflictWatch, now: number, { news }: ConflictConfig): boolean {
  const grown = (Math.max(0, now - watch.allowanceAt) * news.perSecond) / 1000
  watch.allowance = Math.min(news.credit, watch.allowance + grown)
  watch.allowanceAt = now
  if (watch.allowance < 1) return false
  watch.allowance -= 1
  return true
}

function tell(pair: Pair, now: number): ConflictFact {
  pair.toldAt = now
  const { keepUntil: _, ...heard } = pair.heard
  return { kind: 'conflict', ...heard, times: pair.times }
}

function makeRoom({ pairs }: ConflictWatch, { mostPairs }: ConflictConfig): readonly ConflictFact[] {
  const oldest = pairs.entries().next()
  if (pairs.size <= mostPairs || oldest.done === true) return []
  const [key, pair] = oldest.value
  pairs.delete(key)
  return ended(pair)
}

/** Of what was never told, the end is not told either. */
function ended({ heard: { ip, mac, interface: name, whose }, times, toldAt }: Pair): readonly ConflictFact[] {
  return toldAt === undefined ? [] : [{ kind: 'conflictEnded', ip, mac, interface: name, whose, times }]
}

/** The conflicts that have ended by now. */
export function takeEnded({ pairs }: ConflictWatch, now: number): readonly ConflictFact[] {
  return endThose(pairs, ({ endsAt }) => endsAt <= now)
}

/** An address that is not wanted here any more cannot be in conflict here. */
export function forgetConflicts(watch: ConflictWatch, ip: string): readonly ConflictFact[] {
  return endThose(watch.pairs, ({ heard }) => heard.ip === ip)
}

/** MACs that turn out to be other speakers' begin anew: what they do is an overlap until it lasts. */
export function befriend(watch: ConflictWatch, peers: ReadonlySet<string>): readonly ConflictFact[] {
  return endThose(watch.pairs, ({ heard }) => heard.whose === 'foreign' && peers.has(heard.mac))
}

function endThose(pairs: ConflictWatch['pairs'], isOver: (pair: Pair) => boolean): readonly ConflictFact[] {
  const over = [...pairs].filter(([, pair]) => isOver(pair))
  for (const [key] of over) pairs.delete(key)
  return over.flatMap(([, pair]) => ended(pair))
}

/**
 * Whether to say once more whose the address is. RFC 5227 section 2.4 (c): at most once in an
 * interval, so that two machines that both defend do not shout at each other.
 * @param key the channel and the address.
 */
export function mayDefend({ defendedAt }: ConflictWatch, key: string, now: number, config: ConflictConfig): boolean {
  const last = defendedAt.get(key)
  if (last !== undefined && now - last < config.defendMs) return false
  defendedAt.set(key, now)
  return true
}

/** A defence is not held against the next time that the address is announced. */
export function forgetDefence({ defendedAt }: ConflictWatch, key: string): void {
  defendedAt.delete(key)
}

/** The conflicts with peers of which it is to be found out now whether they last. */
export function takeLooks({ pairs }: ConflictWatch, now: number): readonly Heard[] {
  const due = [...pairs.values()].filter(({ lookAt = Number.POSITIVE_INFINITY }) => lookAt <= now)
  for (const pair of due) pair.lookAt = undefined
  return due.map(({ heard }) => heard)
}

/** When `takeEnded` or `takeLooks` has something to give; undefined when there is no conflict. */
export function nextConflictAt({ pairs }: ConflictWatch): number | undefined {
  let next: number | undefined
  for (const { endsAt, lookAt = endsAt } of pairs.values()) next = Math.min(next ?? endsAt, endsAt, lookAt)
  return next
}
