import type { Decoded } from '@steelyard/net'
import type { NodeRecord } from './record.ts'

export function encodeRecord(record: NodeRecord): Uint8Array {
  return Buffer.from(JSON.stringify({ ...record, macs: record.macs.map((mac) => [...mac]) }))
}

export function decodeRecord(bytes: Uint8Array): Decoded<NodeRecord> {
  const record = JSON.parse(Buffer.from(bytes).toString()) as Omit<NodeRecord, 'macs'> & { macs: number[][] }
  return { ok: true, value: { ...record, macs: record.macs.map((mac) => Uint8Array.from(mac)) } }
}
