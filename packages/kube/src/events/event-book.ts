import type { EventType, ObjectReference } from '../objects.ts'

/** One thing said about one object; saying it again only counts. */
export type Entry = {
  readonly about: ObjectReference
  readonly type: EventType
  readonly reason: string
  readonly message: string
  readonly firstAt: Date
  lastAt: Date
  count: number
  /** How much of the count the API knows; a write is due while it is less. */
  writtenCount: number
  /** The Event's name, once it is written. */
  name: string | undefined
  /** By the clock, for the window. */
  toldAt: number
}

/** An entry that is to be written, and what pays for it. */
export type Due = { readonly entry: Entry; readonly page: Page }

/** All that is said about one object, and what it may still cost. */
export type Page = { readonly entries: Map<string, Entry>; tokens: number; refilledAt: number }

/** What was said and is to be written. Bounded in every direction. */
export type EventBook = {
  readonly pages: Map<string, Page>
  /** Pages with something to write, in the order in which they came. */
  readonly ready: Set<Page>
  /** Pages that have used up what they may write for now. */
  readonly throttled: Set<Page>
  /** What will never be written. */
  dropped: number
  prunedAt: number
}

export type Told = Pick<Entry, 'about' | 'type' | 'reason' | 'message'> & { readonly at: Date }

/** Identical Events nearer than this are one Event with a count. */
const WINDOW_MS = 10 * 60_000
/** Different things remembered about one object. */
const ENTRIES_PER_OBJECT = 16
/** Objects remembered. */
const MAX_PAGES = 20_000
/** Writes about one object at a time, and how often one more is granted: at most 70 in the first hour. */
const BURST = 10
const TOKEN_EVERY_MS = 60_000
/** Counting on may not use the last writes up: they are for news. */
const KEPT_FOR_NEWS = 5

export function newEventBook(): EventBook {
  return { pages: new Map(), ready: new Set(), throttled: new Set(), dropped: 0, prunedAt: 0 }
}

/** Takes note of something said; `now` is the clock's. */
export function note(book: EventBook, told: Told, now: number): void {
  if (now - book.prunedAt >= WINDOW_MS) prune(book, now)
  const page = pageOf(book, told.about, now)
  const key = [told.type, told.reason, told.message].join('\n')
  const known = page.entries.get(key)
  if (known !== undefined && now - known.toldAt < WINDOW_MS) {
    known.count++
    known.lastAt = told.at
    known.toldAt = now
  } else {
    const { at, ...what } = told
    makeRoom(book, page)
    const fresh = { count: 1, writtenCount: 0, name: undefined, firstAt: at, lastAt: at, toldAt: now }
    // Deleted first, so that the newest stands last.
    page.entries.delete(key)
    page.entries.set(key, { ...what, ...fresh })
  }
  if (!book.throttled.has(page)) book.ready.add(page)
}

/** Forgets objects of which nothing was said for the whole window: by now they would have all their writes back. */
function prune(book: EventBook, now: number): void {
  book.prunedAt = now
  for (const [key, page] of book.pages) {
    const stale = [...page.entries.values()].every((entry) => !isDue(entry) && now - entry.toldAt >= WINDOW_MS)
    if (stale) book.pages.delete(key)
  }
}

function pageOf(book: EventBook, about: ObjectReference, now: number): Page {
  const key = about.uid ?? `${about.kind} ${about.namespace ?? ''}/${about.name}`
  const known = book.pages.get(key)
  if (known !== undefined) return known
  if (book.pages.size >= MAX_PAGES) forgetOldestPage(book)
  const page: Page = { entries: new Map(), tokens: BURST, refilledAt: now }
  book.pages.set(key, page)
  return page
}

function forgetOldestPage(book: EventBook): void {
  const [oldest] = book.pages
  if (oldest === undefined) return
  const [key, page] = oldest
  book.pages.delete(key)
  book.ready.delete(page)
  book.throttled.delete(page)
  book.dropped += [...page.entries.values()].filter(isDue).length
}

function makeRoom(book: EventBook, page: Page): void {
  if (page.entries.size < ENTRIES_PER_OBJECT) return
  const entries = [...page.entries]
  const [key, entry] = entries.find(([, candidate]) => !isDue(candidate)) ?? entries[0] ?? []
  if (key === undefined || entry === undefined) return
  page.entries.delete(key)
  if (isDue(entry)) book.dropped++
}

export function isDue({ count, writtenCount }: Entry): boolean {
  return writtenCount < count
}

/** The next entry to write, paid for; undefined when nothing may be written now. */
export function takeNext(book: EventBook, now: number): Due | undefined {
  for (const page of book.ready) {
    refill(page, now)
    const due = [...page.entries.values()].filter(isDue)
    const entry = due
      .filter((candidate) => page.tokens >= priceOf(candidate))
      .reduce<Entry | undefined>(mostUntold, undefined)
    if (entry !== undefined) {
      page.tokens--
      return { entry, page }
    }
    book.ready.delete(page)
    if (due.length > 0) book.throttled.add(page)
  }
  return undefined
}

/** What must be left to write this one. */
function priceOf({ name }: Entry): number {
  return name === undefined ? 1 : 1 + KEPT_FOR_NEWS
}

/** News first, then the count that lags most, so that none lags for ever. */
function mostUntold(best: Entry | undefined, entry: Entry): Entry {
  if (best === undefined || best.name === undefined) return best ?? entry
  return entry.name === undefined || lagOf(entry) > lagOf(best) ? entry : best
}

function lagOf({ count, writtenCount }: Entry): number {
  return count - writtenCount
}

/** Gives the throttled pages another chance. */
export function recheck(book: EventBook): void {
  for (const page of book.throttled) book.ready.add(page)
  book.throttled.clear()
}

function refill(page: Page, now: number): void {
  const granted = Math.floor((now - page.refilledAt) / TOKEN_EVERY_MS)
  page.tokens = Math.min(BURST, page.tokens + granted)
  page.refilledAt += granted * TOKEN_EVERY_MS
}
