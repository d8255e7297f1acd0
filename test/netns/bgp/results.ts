import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { RouterKind } from '../../routers/router.ts'

/** `yes`, or `no: ` and why. */
export type Outcome = string
export type Results = Partial<Readonly<Record<RouterKind, Readonly<Record<string, Outcome>>>>>

/** Written by a run with KEEP_RESULTS=1, compared by every other. */
export const RESULTS = new URL('./results.json', import.meta.url).pathname

export function readResults(): Results {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Results) : {}
}

export function keptOutcomes(kind: RouterKind): Readonly<Record<string, Outcome>> {
  return readResults()[kind] ?? {}
}

export function keepOutcomes(kind: RouterKind, rows: Readonly<Record<string, Outcome>>): void {
  writeFileSync(RESULTS, `${JSON.stringify({ ...readResults(), [kind]: rows }, undefined, 2)}\n`)
}
