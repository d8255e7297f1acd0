type Json = Record<string, unknown>

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** RFC 7386, section 2: null removes, an object merges, all else replaces. */
export function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const merged: Json = isRecord(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else merged[name] = mergePatched(merged[name], value)
  }
  return merged
}

/**
 * Server-side apply by one field manager: what it applied before (`former`) and leaves out now goes, the
 * rest of `wanted` is set. Lists of objects with a `type` (conditions) merge by it, other lists are one
 * value. Fields that two managers own, and conflicts, are not modelled.
 */
export function applied(current: unknown, wanted: unknown, former: unknown): unknown {
  if (isTyped(wanted)) return appliedList(current, wanted, former)
  if (!isRecord(wanted)) return wanted
  const result: Json = isRecord(current) ? { ...current } : {}
  const before: Json = isRecord(former) ? former : {}
  for (const name of Object.keys(before)) if (!(name in wanted)) delete result[name]
  for (const [name, value] of Object.entries(wanted)) result[name] = applied(result[name], value, before[name])
  return result
}

type Typed = Json & { readonly type: string }

function isTyped(value: unknown): value is readonly Typed[] {
  return Array.isArray(value) && value.every((item) => isRecord(item) && typeof item['type'] === 'string')
}

function appliedList(current: unknown, wanted: readonly Typed[], former: unknown): unknown {
  const before = isTyped(former) ? former : []
  const byType = new Map((isTyped(current) ? current : []).map((item) => [item.type, item]))
  for (const { type } of before) if (!wanted.some((item) => item.type === type)) byType.delete(type)
  for (const item of wanted) {
    const owned = before.find(({ type }) => type === item.type)
    byType.set(item.type, applied(byType.get(item.type), item, owned) as Typed)
  }
  return [...byType.values()]
}
