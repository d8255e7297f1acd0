import { errorText, type Logger } from '@steelyard/program'
import type { Cancel, Clock } from '@steelyard/runtime'
import { readExcludeList } from './decide/exclude-list.ts'

/** Where the ConfigMap `metallb-excludel2` is mounted. */
export const EXCLUDE_FILE = '/etc/metallb/excludel2.yaml'

/**
 * A mounted ConfigMap changes by a swap of symbolic links, and may appear late: looking at the text is what
 * sees every way in which it can change. It is a page long.
 */
const LOOK_EVERY_MS = 5000
const OP = 'readExcludeList'

export type ExcludeFile = {
  /** The last good list. */
  readonly patterns: () => readonly string[]
  /** Resolves after the first look. */
  readonly read: Promise<void>
  readonly stop: () => void
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
  cancel: Cancel
  stopped: boolean
}

/** Follows the list of interfaces that are not ours. One that cannot be read leaves the last good one in force. */
export function followExcludeFile(options: ExcludeFileOptions): ExcludeFile {
  const state: State = { ...options, text: undefined, patterns: [], problem: '', cancel: () => {}, stopped: false }
  return {
    patterns: () => state.patterns,
    read: lookAgainAndAgain(state),
    stop: () => {
      state.stopped = true
      state.cancel()
    },
  }
}

async function lookAgainAndAgain(state: State): Promise<void> {
  await look(state)
  if (state.stopped) return
  state.cancel = state.clock.wakeAt(state.clock.now() + LOOK_EVERY_MS, () => void lookAgainAndAgain(state))
}

async function look(state: State): Promise<void> {
  try {
    const text = await state.readText(EXCLUDE_FILE)
    if (state.stopped) return
    if (text === undefined) refuse(state, 'does not exist')
    else if (text !== state.text) take(state, text)
  } catch (error) {
    refuse(state, `cannot be read: ${errorText(error)}`)
  }
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
