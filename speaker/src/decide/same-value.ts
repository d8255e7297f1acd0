/** Whether two values out of JSON are the same, whatever the order of an object's fields. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [one, other] = [Object.entries(a), b as Readonly<Record<string, unknown>>]
  const sameShape = Array.isArray(a) === Array.isArray(b) && one.length === Object.keys(b).length
  return sameShape && one.every(([key, value]) => Object.hasOwn(other, key) && sameValue(value, other[key]))
}
