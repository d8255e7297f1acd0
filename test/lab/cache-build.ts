import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isLock, type Lock, tryLock } from './lock.ts'
import { MachineError } from './packages.ts'

const PROGRESS_MS = 10_000
const HALF_BUILT = '.building-'
const WAIT_FOR_OTHER_MS = 30 * 60_000

type Log = (line: string) => void

/**
 * Takes the lock of what is built into a cache. Two runs at once: the second waits for the first.
 * @param what what is being built, for who waits
 */
export async function takeBuildLock(file: string, what: string, log: Log): Promise<Lock> {
  for (let waited = 0; waited <= WAIT_FOR_OTHER_MS; waited += 1000) {
    const lock = tryLock(file)
    if (isLock(lock)) return lock
    if (waited % PROGRESS_MS === 0) log(`process ${lock.pid} is building ${what}; waiting … ${waited / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  throw new MachineError(`another run has been building for 30 minutes; if it hangs, end it and remove ${file}`)
}

/** A folder to build in, beside the place of what is built, so that it can be renamed there and nothing half-made shows. */
export function makeBuildFolder(place: string): string {
  mkdirSync(dirname(place), { recursive: true })
  return mkdtempSync(join(dirname(place), HALF_BUILT))
}

/** What a build that was broken off left beside `place`. Only for who holds the lock: nobody else is at work there then. */
export function removeHalfBuilt(place: string): void {
  const folder = dirname(place)
  for (const name of readdirSync(folder).filter((each) => each.startsWith(HALF_BUILT))) {
    rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Says what is done when it begins, every ten seconds, and when it has ended. `detail` is added to the lines between. */
export async function withProgress<T>(
  what: string,
  work: () => Promise<T>,
  { log, detail = () => '' }: { readonly log: Log; readonly detail?: () => string },
): Promise<T> {
  const started = performance.now()
  const elapsed = (): string => `${((performance.now() - started) / 1000).toFixed(0)} s`
  log(`${what} …`)
  const ticking = setInterval(() => log(`${what} … ${detail()}${elapsed()}`), PROGRESS_MS)
  try {
    const result = await work()
    log(`${what}: done in ${elapsed()}`)
    return result
  } finally {
    clearInterval(ticking)
  }
}
