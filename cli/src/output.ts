import { stringify } from 'yaml'
import type { Output } from './command.ts'
import type { Paint } from './text/paint.ts'

export const FORMATS = ['text', 'json', 'yaml'] as const
export type Format = (typeof FORMATS)[number]

export function rendered({ data, text }: Output, format: Format, paint: Paint): string {
  if (format === 'text') return text(paint)
  const plain: unknown = JSON.parse(JSON.stringify(data, (_key, value: unknown) => wholeNumber(value)))
  return format === 'json' ? `${JSON.stringify(plain, undefined, 2)}\n` : stringify(plain)
}

/** Programs read numbers as doubles: one that does not fit is text. */
function wholeNumber(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()
}
