import { readFileSync } from 'node:fs'
import { KubeConfigError } from './credentials.ts'

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
}

/** Reads a file of ours or a user's; `what` says in the message what it was for. */
export function readNamedFile(path: string, what: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new KubeConfigError(`${what}: ${path}: ${WORDS[code] ?? code}`)
  }
}

/** A file that holds a token; blanks around it are dropped, an empty one is refused. */
export function readToken(path: string, what: string): string {
  const token = readNamedFile(path, what).toString('utf8').trim()
  if (token === '') throw new KubeConfigError(`${what}: ${path}: is empty`)
  return token
}
