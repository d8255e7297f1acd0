import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { findProgram, systemPath } from '../../test/lab/packages.ts'

/** The image cannot be built, in words for the person who asked for it. */
export class ImageError extends Error {}

/**
 * buildah with a store of its own in the user's cache folder: a base that was made here carries the name of a public one,
 * and must never be met by whoever else uses buildah on this machine.
 */
export type ImageTool = {
  readonly folder: string
  /** Runs buildah; what it prints goes to the log, what it answers comes back. @throws ImageError */
  readonly run: (args: readonly string[], how?: RunHow) => string
  readonly works: (args: readonly string[]) => boolean
}

export type RunHow = {
  /** Shows what it says while it works, in place of giving it back. */
  readonly shown?: boolean
}

/** Where images, and what is needed to make them, are kept. */
export function imageFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'steelyard', 'image')
}

/** @throws ImageError that names the package that is missing */
export function requireProgram(program: string, brings: string, what: string): string {
  const found = findProgram(program, systemPath(process.env['PATH'] ?? ''))
  if (found === undefined) {
    throw new ImageError(`${program} is missing (for ${what}); install it with: apt-get install -y ${brings}`)
  }
  return found
}

/** @throws ImageError without buildah */
export function findTool(folder = imageFolder()): ImageTool {
  const buildah = requireProgram('buildah', 'buildah', 'building the image')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run')]
  return {
    folder,
    run: (args, { shown = false } = {}) => {
      const { status, stdout, stderr, error } = spawnSync(buildah, [...store, ...args], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        stdio: shown ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      })
      if (status === 0) return (stdout ?? '').trim()
      const said = error?.message ?? (stderr ?? '').trim()
      throw new ImageError(`buildah ${args[0]} ended with status ${status}${said === '' ? '' : `: ${said}`}`)
    },
    works: (args) => spawnSync(buildah, [...store, ...args], { stdio: 'ignore' }).status === 0,
  }
}
