import type { KubeObject } from '@steelyard/model'
import type { Decoded } from '@steelyard/net'
import { errorText, type Logger } from '@steelyard/program'
import type { Cancel, Clock, TimeOfDay } from '@steelyard/runtime'
import {
  decodeFile,
  encodeFile,
  readClaims,
  readObjects,
  type StateOwner,
  type StoredClaim,
  type StoredFile,
  storedObject,
} from './decide/stored-state.ts'
import { type FailureLog, failureLog } from './quiet-failures.ts'
import type { StateFiles } from './state-files.ts'

/** Changes of one moment are written together, */
const GATHER_MS = 1000
/** and however many there are, no more often than this. */
const WRITE_EVERY_MS = 10_000
const OP = 'storedState'
const CLAIMS = 'claims'

/** One resource as it is asked for: what its file is called, and what is in it. */
export type WantedResource = { readonly what: string; readonly kind: string }

/** The cluster as a former life of this speaker knew it last. */
export type StoredCluster = {
  /** When something in it last changed; RFC 3339. */
  readonly savedAt: string
  /** By `what`: all that was asked for. */
  readonly objects: ReadonlyMap<string, readonly KubeObject[]>
}

/** What a speaker keeps over its own restart. It only ever helps: what is broken is as if it were not there. */
export type StateDir = {
  /** The own claims of a former life; empty when none are known. */
  readonly claims: () => Promise<readonly StoredClaim[]>
  /** The own claims from now on, all of them. */
  readonly wantClaims: (claims: readonly StoredClaim[]) => void
  /** Everything that was asked for, or nothing: half of a cluster misleads. */
  readonly cluster: (resources: readonly WantedResource[]) => Promise<StoredCluster | undefined>
  /** These objects changed; `objects` is called when they are written. */
  readonly wantObjects: (what: string, objects: () => Iterable<KubeObject>) => void
  /** Writes what still has to be, and nothing more. */
  readonly stop: () => Promise<void>
}

export type StateDirOptions = StateOwner & {
  /** Undefined: nothing is kept. */
  readonly files: StateFiles | undefined
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly log: Logger
}

/** Keeps state in a folder. */
export function stateDir(options: StateDirOptions): StateDir {
  const { files } = options
  return files === undefined ? NOTHING_KEPT : keepIn({ ...options, files })
}

const NOTHING_KEPT: StateDir = {
  claims: async () => [],
  wantClaims: () => {},
  cluster: async () => undefined,
  wantObjects: () => {},
  stop: async () => {},
}

/** The chunks of a file as things are when it is called. */
type Lines = (head: Pick<StoredFile, 'what' | 'savedAt'>) => Iterable<string>

type Keeper = StateDirOptions & {
  readonly files: StateFiles
  readonly failures: FailureLog
  /** By file, how to get what is to be written into it. */
  readonly dirty: Map<string, Lines>
  /** The claims as last wanted, in words that compare. */
  claimsText: string | undefined
  writing: Promise<void>
  startedAt: number
  cancel: Cancel | undefined
  stopped: boolean
}

function keepIn(options: StateDirOptions & { readonly files: StateFiles }): StateDir {
  const keeper: Keeper = {
    ...options,
    failures: failureLog('write the state for the next start', options.log),
    dirty: new Map(),
    claimsText: undefined,
    writing: Promise.resolve(),
    startedAt: -Infinity,
    cancel: undefined,
    stopped: false,
  }
  return {
    claims: () => loadClaims(keeper),
    wantClaims: (claims) => wantClaims(keeper, claims),
    cluster: (resources) => loadCluster(keeper, resources),
    wantObjects: (what, objects) =>
      want(keeper, what, (head) => encodeFile(keeper, { ...head, lines: [...objects()] }, storedObject)),
    stop: async () => {
      if (keeper.stopped) return keeper.writing
      keeper.stopped = true
      keeper.cancel?.()
      await keeper.writing
      keeper.writing = writeAll(keeper)
      await keeper.writing
    },
  }
}

function wantClaims(keeper: Keeper, claims: readonly StoredClaim[]): void {
  const lines = claims.map(({ ip, epoch }) => ({ ip, epoch }))
  const text = JSON.stringify(lines)
  if (text === keeper.claimsText) return
  keeper.claimsText = text
  want(keeper, CLAIMS, (head) => encodeFile(keeper, { ...head, lines }, asItIs))
}

function want(keeper: Keeper, what: string, lines: Lines): void {
  if (keeper.stopped) return
  keeper.dirty.set(what, lines)
  schedule(keeper)
}

function schedule(keeper: Keeper): void {
  const { clock, dirty, startedAt, stopped } = keeper
  if (keeper.cancel !== undefined || stopped || dirty.size === 0) return
  keeper.cancel = clock.wakeAt(Math.max(clock.now() + GATHER_MS, startedAt + WRITE_EVERY_MS), () => {
    keeper.startedAt = clock.now()
    keeper.writing = writeInTurn(keeper)
  })
}

async function writeInTurn(keeper: Keeper): Promise<void> {
  await writeAll(keeper)
  keeper.cancel = undefined
  schedule(keeper)
}

/** One file after the other. What could not be written stays wanted, unless something newer is. */
async function writeAll(keeper: Keeper): Promise<void> {
  const { files, dirty, timeOfDay, failures } = keeper
  // Those of now: what changes meanwhile has its own turn.
  const due = [...dirty]
  for (const [what, lines] of due) {
    dirty.delete(what)
    try {
      await files.write(fileOf(what), lines({ what, savedAt: timeOfDay().toISOString() }))
      failures.worked()
    } catch (error) {
      if (!dirty.has(what)) dirty.set(what, lines)
      failures.failed(error)
      return
    }
  }
}

function asItIs<T>(line: T): T {
  return line
}

function fileOf(what: string): string {
  return `${what}.jsonl`
}

async function loadClaims(keeper: Keeper): Promise<readonly StoredClaim[]> {
  const read = await load(keeper, CLAIMS, readClaims)
  if (read === undefined) return []
  if (!read.ok) return refuse(keeper, CLAIMS, read.reason) ?? []
  return read.value.content
}

async function loadCluster(keeper: Keeper, resources: readonly WantedResource[]): Promise<StoredCluster | undefined> {
  const objects = new Map<string, readonly KubeObject[]>()
  const missing: string[] = []
  let savedAt = ''
  for (const { what, kind } of resources) {
    const read = await load(keeper, what, (file) => readObjects(file, kind))
    if (read === undefined) missing.push(what)
    else if (!read.ok) return refuse(keeper, what, read.reason)
    else {
      objects.set(what, read.value.content)
      if (read.value.savedAt > savedAt) savedAt = read.value.savedAt
    }
  }
  if (objects.size === 0) return undefined
  const [first] = missing
  return first === undefined ? { savedAt, objects } : refuse(keeper, first, 'is missing among the others')
}

type Read<Content> = Decoded<{ readonly savedAt: string; readonly content: Content }>

/** Undefined when there is no such file. */
async function load<Content>(
  keeper: Keeper,
  what: string,
  contentOf: (file: StoredFile) => Decoded<Content>,
): Promise<Read<Content> | undefined> {
  try {
    const text = await keeper.files.read(fileOf(what))
    if (text === undefined) return undefined
    const file = decodeFile(keeper, what, text)
    if (!file.ok) return file
    const content = contentOf(file.value)
    return content.ok ? { ok: true, value: { savedAt: file.value.savedAt, content: content.value } } : content
  } catch (error) {
    return { ok: false, reason: `cannot be read: ${errorText(error)}` }
  }
}

function refuse({ log }: Keeper, what: string, reason: string): undefined {
  log.warn(`the stored state is not used: the file ${fileOf(what)} ${reason}`, { op: OP })
}
