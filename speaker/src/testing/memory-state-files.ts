import type { StateFiles } from '../state-files.ts'

export type MemoryStateFiles = StateFiles & {
  readonly texts: Map<string, string>
  /** How often each file was written, as `name`. */
  readonly written: string[]
  /** From now on writing, or reading, fails with this; undefined = works. */
  readonly fail: (how: { readonly write?: Error; readonly read?: Error }) => void
}

/** A folder in memory. */
export function memoryStateFiles(): MemoryStateFiles {
  const texts = new Map<string, string>()
  const written: string[] = []
  let failing: { readonly write?: Error; readonly read?: Error } = {}
  return {
    texts,
    written,
    fail: (how) => {
      failing = how
    },
    read: async (name) => {
      if (failing.read !== undefined) throw failing.read
      return texts.get(name)
    },
    write: async (name, chunks) => {
      if (failing.write !== undefined) throw failing.write
      written.push(name)
      texts.set(name, [...chunks].join(''))
    },
  }
}
