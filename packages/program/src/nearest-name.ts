/** More changes than this, and a hint would be a guess. */
const FARTHEST = 4

/** The known name a mistyped one most likely meant; undefined when none is near. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of known) {
    const distance = changesBetween(typed, name)
    if (best === undefined || distance < best.distance) best = { name, distance }
  }
  if (best === undefined || best.distance > Math.min(FARTHEST, Math.ceil(typed.length / 2))) return undefined
  return best.name
}

/** Levenshtein's distance, one row at a time. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let at = 1; at <= a.length; at++) {
    const above = row
    row = [at]
    for (let to = 1; to <= b.length; to++) {
      const replaced = (above[to - 1] ?? 0) + (a[at - 1] === b[to - 1] ? 0 : 1)
      row.push(Math.min(replaced, (above[to] ?? 0) + 1, (row[to - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
