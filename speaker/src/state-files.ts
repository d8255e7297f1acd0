import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LARGEST_FILE_BYTES } from './decide/stored-state.ts'

/** The folder in which a speaker keeps its state, as a port. */
export type StateFiles = {
  /** Undefined when there is none; rejects when it cannot be read. */
  readonly read: (name: string) => Promise<string | undefined>
  /** The file as it was, or wholly new, whatever happens meanwhile. Other work gets its turn between chunks. */
  readonly write: (name: string, chunks: Iterable<string>) => Promise<void>
}

/** Only its owner may read what is in there. */
const MODE = 0o600

/** The real folder. Each file has one writer, so that a temporary file left by a crash is replaced by the next. */
export function stateFiles(folder: string): StateFiles {
  return {
    read: (name) => readBounded(join(folder, name)),
    write: (name, chunks) => writeAtomically(folder, name, chunks),
  }
}

async function readBounded(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    if (size > LARGEST_FILE_BYTES) throw new Error(`${path} has ${size} bytes; at most ${LARGEST_FILE_BYTES} are read`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function writeAtomically(folder: string, name: string, chunks: Iterable<string>): Promise<void> {
  const path = join(folder, name)
  const temporary = `${path}.tmp`
  // Exclusively made anew: never through a link, never with the mode of another life.
  await rm(temporary, { force: true })
  try {
    await writeSynced(temporary, chunks)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  await syncFolder(folder)
}

async function writeSynced(path: string, chunks: Iterable<string>): Promise<void> {
  const file = await open(path, 'wx', MODE)
  try {
    for (const chunk of chunks) await file.writeFile(chunk)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The new name, too, is to outlive a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
