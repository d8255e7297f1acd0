/**
 * A set that is kept in order. Items live in short sorted pieces, so that adding and removing one moves at most a
 * piece, however many items there are: a search costs O(log n), a change O(log n) and a constant.
 */
export type SortedSet<T> = {
  readonly compare: (a: T, b: T) => number
  /** None is empty, and each one's items stand before the next one's. */
  readonly pieces: T[][]
}

/** A piece that grows beyond this is halved. */
const LONGEST_PIECE = 128

/** @param compare a total order; items that compare as 0 are the same item */
export function sortedSet<T>(compare: (a: T, b: T) => number): SortedSet<T> {
  return { compare, pieces: [] }
}

/** Nothing happens when the item is there already. */
export function addItem<T>(set: SortedSet<T>, item: T): void {
  const at = pieceFor(set, item)
  const piece = set.pieces[at]
  if (piece === undefined) {
    set.pieces.push([item])
    return
  }
  const index = firstNotBefore(set, piece, item)
  const found = piece[index]
  if (found !== undefined && set.compare(found, item) === 0) return
  piece.splice(index, 0, item)
  if (piece.length > LONGEST_PIECE) set.pieces.splice(at + 1, 0, piece.splice(LONGEST_PIECE >> 1))
}

/** @returns whether it was there */
export function removeItem<T>(set: SortedSet<T>, item: T): boolean {
  const at = pieceFor(set, item)
  const piece = set.pieces[at]
  if (piece === undefined) return false
  const index = firstNotBefore(set, piece, item)
  const found = piece[index]
  if (found === undefined || set.compare(found, item) !== 0) return false
  piece.splice(index, 1)
  if (piece.length === 0) set.pieces.splice(at, 1)
  return true
}

export function firstItem<T>(set: SortedSet<T>): T | undefined {
  return set.pieces[0]?.[0]
}

export function isEmptySet<T>(set: SortedSet<T>): boolean {
  return set.pieces.length === 0
}

/** The items in order, from the first that does not stand before `from`. Do not change the set meanwhile. */
export function* itemsFrom<T>(set: SortedSet<T>, from?: T): Generator<T, void> {
  const start = from === undefined ? 0 : pieceFor(set, from)
  for (let at = start; at < set.pieces.length; at++) {
    const piece = set.pieces[at] ?? []
    const index = from === undefined || at > start ? 0 : firstNotBefore(set, piece, from)
    for (let next = index; next < piece.length; next++) yield piece[next] as T
  }
}

/**
 * The first item of `set`, from `from` on, that is not in `subset`. All items of `subset` are in `set`, so where both
 * have the same item at the same distance they agree on all before it: found by halving, not by walking.
 */
export function firstNotIn<T>(set: SortedSet<T>, subset: SortedSet<T>, from: T): T | undefined {
  const [start, offset] = [rankOf(set, from), rankOf(subset, from)]
  let low = 0
  let high = sizeOf(subset) - offset
  while (low < high) {
    const middle = (low + high) >> 1
    const [one, other] = [itemAt(set, start + middle), itemAt(subset, offset + middle)]
    if (one !== undefined && other !== undefined && set.compare(one, other) === 0) low = middle + 1
    else high = middle
  }
  return itemAt(set, start + low)
}

function sizeOf<T>({ pieces }: SortedSet<T>): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

/** How many items stand before `item`. */
function rankOf<T>(set: SortedSet<T>, item: T): number {
  const at = pieceFor(set, item)
  let before = 0
  for (let piece = 0; piece < at; piece++) before += set.pieces[piece]?.length ?? 0
  return before + firstNotBefore(set, set.pieces[at] ?? [], item)
}

function itemAt<T>({ pieces }: SortedSet<T>, index: number): T | undefined {
  let left = index
  for (const piece of pieces) {
    if (left < piece.length) return piece[left]
    left -= piece.length
  }
  return undefined
}

/** The piece where `item` is or belongs: the last that starts at or before it, else the first. */
function pieceFor<T>({ pieces, compare }: SortedSet<T>, item: T): number {
  let low = 0
  let high = pieces.length
  while (low < high) {
    const middle = (low + high) >> 1
    const first = pieces[middle]?.[0]
    if (first !== undefined && compare(first, item) <= 0) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

function firstNotBefore<T>({ compare }: SortedSet<T>, piece: readonly T[], item: T): number {
  let low = 0
  let high = piece.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(piece[middle] as T, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}
