import { errorText, type Logger } from '@steelyard/program'
import type { Cancel, Clock } from '@steelyard/runtime'
import {
  firstKey,
  type KeyRing,
  keysAt,
  type MembershipKeys,
  rotate,
  sameKeys,
  ZERO_SECRET,
} from './decide/membership-key.ts'

/** The file in the folder that `--ml-secret-key-path` names: a key of the Secret that is mounted there. */
const FILE = 'secretkey'
/** A mounted Secret changes by a swap of symbolic links, and may appear late: looking at the text sees it all. */
const LOOK_EVERY_MS = 5000
const LONGEST = 4096
/** Fewer can be guessed. */
const LEAST_BYTES = 16
const OP = 'readMembershipKey'

export type MembershipKey = {
  /** What counts now. */
  readonly keys: () => MembershipKeys
  /** Resolves after the first look. */
  readonly read: Promise<void>
  readonly stop: () => void
}

export type MembershipKeyOptions = {
  /** Empty: there is no secret. */
  readonly folder: string
  readonly readText: (path: string) => Promise<string | undefined>
  readonly clock: Clock
  readonly log: Logger
  /** Told of whatever changes, from the first look on. */
  readonly onChange: (keys: MembershipKeys) => void
}

type State = MembershipKeyOptions & {
  ring: KeyRing
  keys: MembershipKeys
  looked: boolean
  text: string | undefined
  problem: string
  cancel: Cancel
  stopped: boolean
}

/**
 * Follows the secret that seals membership. Without one it goes on unauthenticated, and takes it when it comes. One
 * that is replaced stays accepted for a while, and the new one seals a little later, so that no node loses another;
 * one that disappears stays in force, since without it anybody could join.
 */
export function followMembershipKey(options: MembershipKeyOptions): MembershipKey {
  const ring = firstKey(ZERO_SECRET)
  const { clock, folder } = options
  const keys = keysAt(ring, clock.now())
  const state: State = {
    ...options,
    ring,
    keys,
    looked: false,
    text: undefined,
    problem: '',
    cancel: () => {},
    stopped: false,
  }
  return {
    keys: () => state.keys,
    read: folder === '' ? Promise.resolve() : lookAgainAndAgain(state),
    stop: () => {
      state.stopped = true
      state.cancel()
    },
  }
}

async function lookAgainAndAgain(state: State): Promise<void> {
  await look(state)
  if (state.stopped) return
  state.looked = true
  state.cancel = state.clock.wakeAt(state.clock.now() + LOOK_EVERY_MS, () => void lookAgainAndAgain(state))
}

async function look(state: State): Promise<void> {
  try {
    const text = (await state.readText(pathOf(state)))?.trim()
    if (state.stopped) return
    if (text === undefined) refuse(state, 'does not exist')
    else if (text === '') refuse(state, 'is empty')
    else if (text.length > LONGEST) refuse(state, `is longer than ${LONGEST} characters`)
    else take(state, text)
  } catch (error) {
    if (!state.stopped) refuse(state, `cannot be read: ${errorText(error)}`)
  }
  if (!state.stopped) tell(state)
}

function pathOf({ folder }: State): string {
  return `${folder.replace(/\/+$/, '')}/${FILE}`
}

function take(state: State, text: string): void {
  state.problem = ''
  if (text === state.text) return
  const { log, clock } = state
  const secret = Buffer.from(text)
  if (secret.length < LEAST_BYTES)
    log.warn(`the membership secret has fewer than ${LEAST_BYTES} bytes: it can be guessed`, { op: OP })
  log.info(state.looked ? 'there is another membership secret' : 'membership is authenticated', { op: OP })
  state.ring = state.looked ? rotate(state.ring, secret, clock.now()) : firstKey(secret)
  state.text = text
}

/** What counts changes by time, too. */
function tell(state: State): void {
  const keys = keysAt(state.ring, state.clock.now())
  if (sameKeys(keys, state.keys)) return
  state.keys = keys
  state.onChange(keys)
}

/** Once for each problem, not once for each look. */
function refuse(state: State, problem: string): void {
  if (problem === state.problem) return
  state.problem = problem
  const meanwhile =
    state.text === undefined
      ? 'membership is not authenticated, so whoever reaches its port can take part'
      : 'the last secret stays in force'
  state.log.warn(`${pathOf(state)} ${problem}: ${meanwhile}`, { op: OP })
}
