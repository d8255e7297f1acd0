import { errorText } from '@steelyard/program'
import type { Clock } from '@steelyard/runtime'
import { lookNowAndThen } from './now-and-then.ts'

/**
 * A mounted ConfigMap or Secret changes by a swap of symbolic links, and may appear late: looking at the text is
 * what sees every way in which it can change. It is a page long.
 */
const LOOK_EVERY_MS = 5000

/** What one look at the file found; `problem` completes a sentence that begins with its path. */
export type Look = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string }

export type MountedFileOptions = {
  readonly path: string
  readonly readText: (path: string) => Promise<string | undefined>
  readonly clock: Clock
  /** Told of every look, whether or not it found something else than the one before. */
  readonly onLook: (look: Look) => void
}

export type MountedFile = {
  /** Resolves after the first look. */
  readonly read: Promise<void>
  /** Nothing is told afterwards. */
  readonly stop: () => void
}

/** Looks at a file of a mounted ConfigMap or Secret now, and every five seconds. */
export function followMountedFile({ path, readText, clock, onLook }: MountedFileOptions): MountedFile {
  const { first, stop } = lookNowAndThen({ everyMs: LOOK_EVERY_MS, clock, look: () => lookAt(path, readText), onLook })
  return { read: first, stop }
}

async function lookAt(path: string, readText: MountedFileOptions['readText']): Promise<Look> {
  try {
    const text = await readText(path)
    return text === undefined ? { ok: false, problem: 'does not exist' } : { ok: true, text }
  } catch (error) {
    return { ok: false, problem: `cannot be read: ${errorText(error)}` }
  }
}
