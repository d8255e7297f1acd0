import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { removeCgroups } from './kubelets/cgroups.ts'
import { isAlive, isLock, type Lock, type ProcessId, startTimeOf, tryLock } from './lock.ts'

/** Where labs leave word of themselves: a lock and a list of what was made, one pair for each suffix. */
const FOLDER = '/run/steelyard-lab'
const ENDING = '.journal'
/** Longer than any suffix, so that it is none. */
const NO_SUFFIX = 'without-suffix'

/**
 * What a lab has made and must take away again. Written to disk before use, line by line, so that
 * a later run can clean up behind one that was killed.
 */
export type Journal = {
  readonly addNamespace: (name: string) => void
  readonly addFolder: (path: string) => void
  /** Notes the control groups of a node with a real kubelet; see kubelets/cgroups.ts. */
  readonly addCgroups: (name: string) => void
  /** Notes a process that leads its own process group. */
  readonly addProcess: (pid: number) => void
  /** Kills every process noted, deletes every namespace, control group and folder noted. Synchronous, so that it also serves a dying process; may be called twice. */
  readonly sweep: () => void
}

export class LabRunningError extends Error {}

/**
 * Also cleans up behind every lab, whatever its suffix, whose process is dead.
 * @throws LabRunningError when a living process holds a lab with this suffix
 */
export function openJournal(suffix: string, log: (line: string) => void): Journal {
  sweepTheDead(log)
  const name = suffix === '' ? NO_SUFFIX : suffix
  const lock = tryLock(lockOf(name))
  if (isLock(lock)) return journalAt(join(FOLDER, `${name}${ENDING}`), lock)
  throw new LabRunningError(
    `a lab ${suffix === '' ? 'without suffix' : `with the suffix ${suffix}`} is running already (process ${lock.pid}): stop it, or choose another --suffix`,
  )
}

function lockOf(name: string): string {
  return join(FOLDER, `${name}.lock`)
}

function sweepTheDead(log: (line: string) => void): void {
  if (!existsSync(FOLDER)) return
  for (const file of readdirSync(FOLDER).filter((each) => each.endsWith(ENDING))) {
    const name = basename(file, ENDING)
    const lock = tryLock(lockOf(name))
    if (!isLock(lock)) continue
    log(`cleaning up behind a lab${name === NO_SUFFIX ? '' : ` (${name})`} that did not end well`)
    sweepFile(join(FOLDER, file))
    lock.release()
  }
}

function journalAt(file: string, lock: Lock): Journal {
  const note = (line: string): void => appendFileSync(file, `${line}\n`, { mode: 0o600 })
  return {
    addNamespace: (name) => note(`namespace ${name}`),
    addFolder: (path) => note(`folder ${path}`),
    addCgroups: (name) => note(`cgroups ${name}`),
    addProcess: (pid) => note(`process ${pid} ${startTimeOf(pid) ?? 'gone'}`),
    sweep: () => {
      if (!existsSync(file)) return
      sweepFile(file)
      lock.release()
    },
  }
}

function sweepFile(file: string): void {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
  const noted = (kind: string): string[][] => lines.filter(([word]) => word === kind)
  const processes = noted('process').map(([, pid, startTime]) => ({ pid: Number(pid), startTime: startTime ?? '' }))
  processes.forEach(killGroup)
  waitForEnd(processes)
  deleteNamespaces(noted('namespace').map(([, name]) => name ?? ''))
  for (const [, name = ''] of noted('cgroups')) removeCgroups(name)
  for (const [, folder = ''] of noted('folder')) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  rmSync(file, { force: true })
}

function killGroup(id: ProcessId): void {
  if (!isAlive(id)) return
  try {
    process.kill(-id.pid, 'SIGKILL')
  } catch {
    // It ended between the look and the signal.
  }
}

/** A killed process may still be on its way out of the kernel; its namespace and files go with it. */
function waitForEnd(processes: readonly ProcessId[]): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let turn = 0; turn < 500 && processes.some(isAlive); turn++) Atomics.wait(pause, 0, 0, 10)
}

function deleteNamespaces(names: readonly string[]): void {
  const present = names.filter((name) => existsSync(`/run/netns/${name}`))
  if (present.length === 0) return
  const input = present.map((name) => `netns delete ${name}\n`).join('')
  spawnSync('ip', ['-force', '-batch', '-'], { input, stdio: ['pipe', 'ignore', 'ignore'] })
}
