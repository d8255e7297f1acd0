import { sameBytes } from '@steelyard/net'
import { BOOT_BYTES, LARGEST_BODY_BYTES, LARGEST_RECORD_BYTES, LONGEST_NAME_BYTES } from './constants.ts'
import type { Message } from './message.ts'

export type RecordPart = Extract<Message, { readonly kind: 'record' }>
/** Which edition of a record, and who sends it on. */
export type RecordEdition = Pick<RecordPart, 'from' | 'node' | 'boot' | 'version'>

/** kind, length and text of the longest sender, length of `node`, boot, version, part, parts, length of the bytes. */
const PART_OVERHEAD_BYTES = 1 + (1 + LONGEST_NAME_BYTES) + 1 + BOOT_BYTES + 4 + 2 + 2 + 2

/**
 * How much of a record stands in each part but the last. It hangs on the record's owner only, so that parts
 * of one version fit together whoever sends them on.
 */
export function partBytes(node: string): number {
  return LARGEST_BODY_BYTES - PART_OVERHEAD_BYTES - new TextEncoder().encode(node).length
}

/** The messages that carry an encoded record, each of which fits a datagram. */
export function splitRecord(edition: RecordEdition, record: Uint8Array): RecordPart[] {
  const { from, node, boot, version } = edition
  const size = partBytes(node)
  const parts = Math.ceil(record.length / size)
  return Array.from({ length: parts }, (_, part) => {
    const bytes = record.subarray(part * size, (part + 1) * size)
    return { kind: 'record', from, node, boot, version, part, parts, bytes }
  })
}

/** What of one node's record has come in; one of these a node, and it holds at most one record. */
export type RecordAssembly = {
  /** Empty = nothing has come in. */
  boot: Uint8Array
  version: number
  /** 0 = that version is whole and was handed over. */
  parts: number
  readonly got: Map<number, Uint8Array>
}

export const PART_REFUSALS = ['Stale', 'Misfit'] as const
export type PartRefusal = (typeof PART_REFUSALS)[number]

export type Assembled =
  /** The bytes for `decodeRecord`; told once a version. */
  | { readonly kind: 'whole'; readonly version: number; readonly bytes: Uint8Array }
  | { readonly kind: 'waiting'; readonly missing: number }
  /** `Stale`: older than what is here, or here already. `Misfit`: of no size or number that `splitRecord` makes. */
  | { readonly kind: 'refused'; readonly reason: PartRefusal }

export function recordAssembly(): RecordAssembly {
  return { boot: new Uint8Array(0), version: 0, parts: 0, got: new Map() }
}

/**
 * Adds a part; they come in any order and as often as they like. A newer version, or another boot (whether that
 * one is the node's present one is the caller's to know), throws away the parts that are here.
 */
export function assembleRecord(assembly: RecordAssembly, part: RecordPart): Assembled {
  if (!fits(part)) return { kind: 'refused', reason: 'Misfit' }
  const known = sameBytes(assembly.boot, part.boot)
  if (known && part.version < assembly.version) return { kind: 'refused', reason: 'Stale' }
  if (!known || part.version > assembly.version) begin(assembly, part)
  if (assembly.parts === 0 || assembly.got.has(part.part)) return { kind: 'refused', reason: 'Stale' }
  if (assembly.parts !== part.parts) return { kind: 'refused', reason: 'Misfit' }
  assembly.got.set(part.part, part.bytes)
  const missing = assembly.parts - assembly.got.size
  return missing > 0 ? { kind: 'waiting', missing } : handOver(assembly)
}

/** Checked first, so that nothing misshapen throws good parts away and at most 1 MiB is kept. */
function fits({ node, part, parts, bytes }: RecordPart): boolean {
  const size = partBytes(node)
  if (part >= parts || (parts - 1) * size >= LARGEST_RECORD_BYTES) return false
  if (part < parts - 1) return bytes.length === size
  return bytes.length > 0 && bytes.length <= size && part * size + bytes.length <= LARGEST_RECORD_BYTES
}

function begin(assembly: RecordAssembly, { boot, version, parts }: RecordPart): void {
  assembly.boot = boot
  assembly.version = version
  assembly.parts = parts
  assembly.got.clear()
}

/** Every part but the last is of one size, and the last is no longer. */
function handOver(assembly: RecordAssembly): Assembled {
  const size = Math.max(...[...assembly.got.values()].map((bytes) => bytes.length))
  const last = assembly.got.get(assembly.parts - 1)?.length ?? 0
  const bytes = new Uint8Array((assembly.parts - 1) * size + last)
  for (const [part, found] of assembly.got) bytes.set(found, part * size)
  assembly.parts = 0
  assembly.got.clear()
  return { kind: 'whole', version: assembly.version, bytes }
}
