import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A process as nobody else can be: its number may be given out again, but not with the same start time. */
export type ProcessId = { readonly pid: number; readonly startTime: string }

/** Field 22 of /proc/PID/stat (proc(5)), in clock ticks since boot; undefined when there is no such process, or only its zombie. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may itself hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

export function isAlive({ pid, startTime }: ProcessId): boolean {
  return startTimeOf(pid) === startTime
}

export function thisProcess(): ProcessId {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' }
}

export type Lock = { readonly release: () => void }

/**
 * Takes a lock that dies with its owner: a file that names the process. It appears with its content
 * in one step (link), so nobody reads half of it.
 * @returns the owner when it is alive, else the lock.
 */
export function tryLock(file: string): Lock | ProcessId {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  const self = thisProcess()
  writeFileSync(draft, `${self.pid} ${self.startTime}\n`)
  try {
    for (let attempt = 0; ; attempt++) {
      const owner = tryLink(draft, file)
      if (owner === undefined) return { release: () => rmSync(file, { force: true }) }
      if (isAlive(owner) || attempt > 10) return owner
      renameAway(file)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

export function isLock(result: Lock | ProcessId): result is Lock {
  return 'release' in result
}

function tryLink(draft: string, file: string): ProcessId | undefined {
  try {
    linkSync(draft, file)
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readOwner(file)
  }
}

function readOwner(file: string): ProcessId {
  try {
    const [pid = '', startTime = ''] = readFileSync(file, 'utf8').trim().split(' ')
    return { pid: Number(pid), startTime }
  } catch {
    return { pid: 0, startTime: 'gone' }
  }
}

/** Only one of several that find a dead owner wins the rename; the others find the file gone and try again. */
function renameAway(file: string): void {
  const away = `${file}.dead.${process.pid}`
  try {
    renameSync(file, away)
  } catch {
    return
  }
  const owner = readOwner(away)
  if (isAlive(owner)) tryLink(away, file)
  rmSync(away, { force: true })
}
