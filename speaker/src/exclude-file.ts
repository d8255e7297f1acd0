import type { Logger } from '@steelyard/program'
import type { Clock } from '@steelyard/runtime'
import { readExcludeList } from './decide/exclude-list.ts'
import { followMountedFile, type Look, type MountedFile } from './mounted-file.ts'

/** Where the ConfigMap `metallb-excludel2` is mounted. */
export const EXCLUDE_FILE = '/etc/metallb/excludel2.yaml'

const OP = 'readExcludeList'

export type ExcludeFile = MountedFile & {
  /** The last good list. */
  readonly patterns: () => readonly string[]
}

export type ExcludeFileOptions = {
  readonly readText: (path: string) => Promise<string | undefined>
  readonly clock: Clock
  readonly log: Logger
  readonly onChange: () => void
}

type State = ExcludeFileOptions & {
  text: string | undefined
  patterns: readonly string[]
  problem: string
}

/** Follows the list of interfaces that are not ours. One that cannot be read leaves the last good one in force. */
export function followExcludeFile(options: ExcludeFileOptions): ExcludeFile {
  const { readText, clock } = options
  const state: State = { ...options, text: undefined, patterns: [], problem: '' }
  const file = followMountedFile({ path: EXCLUDE_FILE, readText, clock, onLook: (look) => onLook(state, look) })
  return { ...file, patterns: () => state.patterns }
}

function onLook(state: State, look: Look): void {
  if (!look.ok) refuse(state, look.problem)
  else if (look.text !== state.text) take(state, look.text)
}

function take(state: State, text: string): void {
  state.text = text
  const list = readExcludeList(text)
  if (!list.ok) return refuse(state, list.reason)
  state.problem = ''
  state.patterns = list.value
  state.log.info(`${list.value.length} patterns exclude interfaces from announcements`, { op: OP })
  state.onChange()
}

/** Once for each problem, not once for each look. A node without the file simply excludes nothing. */
function refuse(state: State, problem: string): void {
  if (problem === state.problem) return
  state.problem = problem
  if (state.text === undefined)
    return state.log.info(`${EXCLUDE_FILE} ${problem}: no interface is excluded`, { op: OP })
  state.log.error(`${EXCLUDE_FILE} is refused: the last good list stays in force`, { op: OP, error: problem })
}
