const UNITS: readonly (readonly [seconds: number, letter: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
]

/** How long ago, as kubectl has it: `12s`, `5m`, `3h`, `2d`; `?` for what is no time. */
export function age(since: string | undefined, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(since ?? '')) / 1000)
  if (!Number.isFinite(seconds)) return '?'
  const [size, letter] = UNITS.find(([unit]) => seconds >= 2 * unit) ?? [1, 's']
  return `${Math.max(0, Math.floor(seconds / size))}${letter}`
}
