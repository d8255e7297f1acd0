import { type Address, compareAddresses, nextAddress, type Range, rangeContains } from '@steelyard/net'
import { isUsable, type Pool } from '@steelyard/model'
import { addItem, firstItem, isEmptySet, removeItem, type SortedSet, sortedSet } from './sorted-set.ts'

type Rule = Pick<Pool, 'avoidBuggyIPs'>

/**
 * Which addresses of one line of a pool are free, without ever walking over them. Everything from `next` on is
 * free but for `ahead`; everything below it is used but for `holes`. Both sets are as small as the number of
 * addresses that were in use at one time.
 */
type Line = {
  readonly range: Range
  readonly rule: Rule
  /** The lowest address that nobody ever had; undefined when all were had. */
  next: Address | undefined
  /** Given back, below `next`. */
  readonly holes: SortedSet<Address>
  /** In use above `next`: asked for by name. */
  readonly ahead: SortedSet<Address>
}

/** The free addresses of one family of one pool: its lines in the order they are written. */
export type FreeSpace = {
  readonly lines: readonly Line[]
  /** The numbers of the lines that have a free address. */
  readonly open: SortedSet<number>
}

export function freeSpace(ranges: readonly Range[], rule: Rule): FreeSpace {
  const lines = ranges.map((range) => newLine(range, rule))
  const open = sortedSet<number>((a, b) => a - b)
  lines.forEach((line, index) => updateOpen(open, line, index))
  return { lines, open }
}

function newLine(range: Range, rule: Rule): Line {
  return {
    range,
    rule,
    next: firstUsable(range.first, range, rule),
    holes: sortedSet(compareAddresses),
    ahead: sortedSet(compareAddresses),
  }
}

/** The lowest free address of the earliest line that has one. O(1). */
export function lowestFree({
  lines,
  open,
}: FreeSpace): { readonly line: number; readonly address: Address } | undefined {
  const line = firstItem(open)
  if (line === undefined) return undefined
  const found = lines[line]
  const address = found === undefined ? undefined : (firstItem(found.holes) ?? found.next)
  return address === undefined ? undefined : { line, address }
}

export function hasFree({ open }: FreeSpace): boolean {
  return !isEmptySet(open)
}

/** `address` is in use from now on. It must lie in that line, be usable and be free. */
export function takeAddress({ lines, open }: FreeSpace, line: number, address: Address): void {
  const found = lines[line]
  if (found === undefined) return
  const order = found.next === undefined ? -1 : compareAddresses(address, found.next)
  if (order < 0) removeItem(found.holes, address)
  else if (order > 0) addItem(found.ahead, address)
  else advance(found)
  updateOpen(open, found, line)
}

/** `address` is free again. It must have been taken. */
export function giveAddress({ lines, open }: FreeSpace, line: number, address: Address): void {
  const found = lines[line]
  if (found === undefined) return
  if (!removeItem(found.ahead, address)) addItem(found.holes, address)
  updateOpen(open, found, line)
}

/** Each address is stepped over once in the life of a line, when it comes into use. */
function advance(line: Line): void {
  do line.next = line.next && usableAfter(line.next, line.range, line.rule)
  while (line.next !== undefined && removeItem(line.ahead, line.next))
}

function updateOpen(open: SortedSet<number>, line: Line, index: number): void {
  const isOpen = line.next !== undefined || !isEmptySet(line.holes)
  if (isOpen) addItem(open, index)
  else removeItem(open, index)
}

function firstUsable(from: Address, range: Range, rule: Rule): Address | undefined {
  return isUsable(rule, from) ? from : usableAfter(from, range, rule)
}

/** At most two steps further: .255 is followed by .0. */
function usableAfter(address: Address, range: Range, rule: Rule): Address | undefined {
  const after = nextAddress(address)
  if (after === undefined || !rangeContains(range, after)) return undefined
  return firstUsable(after, range, rule)
}
