import type { Logger } from '@steelyard/program'
import type { Clock } from '@steelyard/runtime'
import {
  firstKey,
  type KeyRing,
  keysAt,
  type MembershipKeys,
  rotate,
  sameKeys,
  ZERO_SECRET,
} from './decide/membership-key.ts'
import { followMountedFile, type Look, type MountedFile } from './mounted-file.ts'

/** The file in the folder that `--ml-secret-key-path` names: a key of the Secret that is mounted there. */
const FILE = 'secretkey'
const LONGEST = 4096
/** Fewer can be guessed. */
const LEAST_BYTES = 16
const OP = 'readMembershipKey'

export type MembershipKey = MountedFile & {
  /** What counts now. */
  readonly keys: () => MembershipKeys
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
}

/**
 * Follows the secret that seals membership. Without one it goes on unauthenticated, and takes it when it comes. One
 * that is replaced stays accepted for a while, and the new one seals a little later, so that no node loses another;
 * one that disappears stays in force, since without it anybody could join.
 */
export function followMembershipKey(options: MembershipKeyOptions): MembershipKey {
  const ring = firstKey(ZERO_SECRET)
  const { readText, clock, folder } = options
  const keys = keysAt(ring, clock.now())
  const state: State = {
    ...options,
    ring,
    keys,
    looked: false,
    text: undefined,
    problem: '',
  }
  const file =
    folder === ''
      ? { read: Promise.resolve(), stop: () => {} }
      : followMountedFile({ path: pathOf(state), readText, clock, onLook: (look) => onLook(state, look) })
  return { ...file, keys: () => state.keys }
}

function onLook(state: State, look: Look): void {
  const text = look.ok ? look.text.trim() : ''
  if (!look.ok) refuse(state, look.problem)
  else if (text === '') refuse(state, 'is empty')
  else if (text.length > LONGEST) refuse(state, `is longer than ${LONGEST} characters`)
  else take(state, text)
  tell(state)
  state.looked = true
}

function pathOf({ folder }: MembershipKeyOptions): string {
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
