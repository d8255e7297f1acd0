/**
 * JSON with whole int64 numbers, as the Kubernetes API has them: `bigint` is written as a number, and an
 * integer that a JavaScript number cannot hold is read as a `bigint`. All else is plain JSON.
 */
type JsonWithSource = {
  readonly rawJSON: (text: string) => unknown
  readonly parse: (
    text: string,
    revive: (key: string, value: unknown, context: { source?: string }) => unknown,
  ) => unknown
}

/** TypeScript's library does not know the source text access of ECMAScript 2026 yet; Node 24 has it. */
const sourceJson = JSON as unknown as JsonWithSource

/** Sixteen digits in a row that are not inside a string: rare enough to pay for the slow reading. */
const MAY_BE_UNSAFE = /[:,[]\s*-?\d{16,}\s*[,}\]]/

export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint' ? sourceJson.rawJSON(member.toString()) : member,
  )
}

/** Throws SyntaxError, as `JSON.parse` does. */
export function fromJson(text: string): unknown {
  return MAY_BE_UNSAFE.test(text) ? sourceJson.parse(text, reviveInteger) : (JSON.parse(text) as unknown)
}

function reviveInteger(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
}
