import type { CheckResult } from '../decide/check-result.ts'
import type { Paint } from './paint.ts'
import { type Cell, table } from './table.ts'

const WORD = { ok: 'ok', warning: 'warning', fault: 'FAULT', notChecked: 'not checked' } as const

export function checksText(results: readonly CheckResult[], paint: Paint): string {
  const paints = { ok: paint.good, warning: paint.warning, fault: paint.bad, notChecked: paint.faint }
  const rows = results.map(({ check, result, message }): Cell[] => [
    { text: WORD[result], paint: paints[result] },
    check,
    message,
  ])
  const todo = results.filter(({ advice, result }) => advice !== '' && result !== 'notChecked')
  const later = [
    ...new Set(
      results.filter(({ result, advice }) => result === 'notChecked' && advice !== '').map(({ advice }) => advice),
    ),
  ]
  const advice = new Set([...todo.map(({ check, advice: what }) => `${check}: ${what}`), ...later])
  return `${table(['RESULT', 'CHECK', 'FOUND'], rows, 'nothing was checked')}${
    advice.size === 0 ? '' : `\nTo do\n${[...advice].map((line) => `  ${line}\n`).join('')}`
  }`
}
