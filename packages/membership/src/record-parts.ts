/** What one datagram carries of a record. */
export const PART_BYTES = 1200
export const RECORD_BYTES_MAX = 1 << 20
const PARTS_MAX = Math.ceil(RECORD_BYTES_MAX / PART_BYTES)

/** Parts of one version of a record that have come so far. */
export type Assembly = { readonly version: number; readonly parts: (Uint8Array | undefined)[]; missing: number }

export function splitRecord(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES))
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES))
}

/** @returns undefined for a number of parts that no record has */
export function assembly(version: number, parts: number): Assembly | undefined {
  if (parts < 1 || parts > PARTS_MAX) return undefined
  return { version, parts: Array.from({ length: parts }, () => undefined), missing: parts }
}

/** @returns the whole, once the last missing part has come */
export function addPart(to: Assembly, part: number, bytes: Uint8Array): Uint8Array | undefined {
  if (part >= to.parts.length || to.parts[part] !== undefined || bytes.length > PART_BYTES) return undefined
  to.parts[part] = Uint8Array.from(bytes)
  to.missing -= 1
  return to.missing === 0 ? joined(to.parts) : undefined
}

function joined(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0))
  let at = 0
  for (const part of parts) {
    if (part === undefined) continue
    whole.set(part, at)
    at += part.length
  }
  return whole
}
