import type { NodeRecord } from '@steelyard/membership'
import type { Claim } from './ownership.ts'

/** What other nodes claim, by address; changed in place as their records come. */
export type ClaimBook = {
  readonly records: Map<string, NodeRecord>
  readonly claims: Map<string, readonly Claim[]>
  /** The best claim that was ever seen, of the dead too: whoever takes the address goes beyond it. */
  readonly highest: Map<string, Highest>
}

type Highest = { readonly epoch: number; readonly node: string }

const NOBODY: readonly Claim[] = []

export function claimBook(): ClaimBook {
  return { records: new Map(), claims: new Map(), highest: new Map() }
}

/** @param record undefined when what the node claims counts no more: it is dead, or has gone. */
export function noteRecord(book: ClaimBook, node: string, record: NodeRecord | undefined): void {
  for (const { ip } of book.records.get(node)?.claims ?? []) replace(book, ip, node, undefined)
  if (record === undefined) book.records.delete(node)
  else book.records.set(node, record)
  for (const { ip, epoch, minority, releasing } of record?.claims ?? []) {
    replace(book, ip, node, { node, epoch, minority, releasing })
    noteEpoch(book, ip, { epoch, node })
  }
}

function replace({ claims }: ClaimBook, ip: string, node: string, claim: Claim | undefined): void {
  const others = (claims.get(ip) ?? NOBODY).filter((one) => one.node !== node)
  const now = claim === undefined ? others : [...others, claim]
  if (now.length === 0) claims.delete(ip)
  else claims.set(ip, now)
}

/** Remembers an epoch that this node took, or was told of. */
export function noteEpoch({ highest }: ClaimBook, ip: string, seen: Highest): void {
  if (seen.epoch >= (highest.get(ip)?.epoch ?? 0)) highest.set(ip, seen)
}

/** The claims of living other nodes on an address. */
export function claimsOn({ claims }: ClaimBook, ip: string): readonly Claim[] {
  return claims.get(ip) ?? NOBODY
}

/** Addresses come and go for years: what is neither claimed nor wanted any more is forgotten now and then. */
export function forgetEpochs({ claims, highest }: ClaimBook, isWanted: (ip: string) => boolean): void {
  for (const ip of highest.keys()) if (!claims.has(ip) && !isWanted(ip)) highest.delete(ip)
}
