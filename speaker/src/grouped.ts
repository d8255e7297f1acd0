/** Objects by the group each belongs to, for those who ask for one group at a time. */
export type Grouped<T> = {
  /** Of one group, in no order. */
  readonly of: (group: string) => readonly T[]
  readonly groups: () => Iterable<string>
  /**
   * Takes note of an object as it is now, or that it is gone.
   * @returns the groups that this concerns: its own, and the one it has left
   */
  readonly take: (key: string, now: T | undefined) => readonly string[]
}

/** @param groupOf undefined for an object that belongs to no group */
export function grouped<T>(groupOf: (object: T) => string | undefined): Grouped<T> {
  const groups = new Map<string, Map<string, T>>()
  const groupByKey = new Map<string, string>()
  const remove = (key: string, group: string): void => {
    const members = groups.get(group)
    members?.delete(key)
    if (members?.size === 0) groups.delete(group)
    groupByKey.delete(key)
  }
  return {
    of: (group) => [...(groups.get(group)?.values() ?? [])],
    groups: () => groups.keys(),
    take: (key, now) => {
      const before = groupByKey.get(key)
      const group = now === undefined ? undefined : groupOf(now)
      if (before !== undefined) remove(key, before)
      if (group !== undefined && now !== undefined) {
        groupByKey.set(key, group)
        groups.set(group, (groups.get(group) ?? new Map<string, T>()).set(key, now))
      }
      return [...new Set([before, group])].filter((one) => one !== undefined)
    },
  }
}
