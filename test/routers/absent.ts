/** Routers leave out of their JSON what is empty: a list that may be absent, as a list. */
export function listOf<T>(shown: readonly T[] | undefined): readonly T[] {
  return shown ?? []
}
