import type { KubeObject } from '@steelyard/model'
import { type Decoded, parseAddress } from '@steelyard/net'

/**
 * How a speaker's state stands in files, one for each resource and one for the own claims: a line of JSON that says
 * what follows, a line for each object or claim, and a last line that counts and sums them up. Lines, so that
 * thousands of objects are written piece by piece; the last line, so that a file that broke off is known as such.
 */
const FORMAT = 1
const NAME = 'steelyard speaker state'

/** Enough for 100 000 Services. No more is read, whatever somebody put there. */
export const LARGEST_FILE_BYTES = 128 * 1024 * 1024
/** As many lines as take about a millisecond. */
const LINES_PER_CHUNK = 200

/** Whose state it is: another node's, or that of an install in another namespace, is none of ours. */
export type StateOwner = { readonly node: string; readonly namespace: string }

export type StoredFile = {
  /** What it holds: the plural of a resource, or `claims`. */
  readonly what: string
  /** RFC 3339. */
  readonly savedAt: string
  readonly lines: readonly unknown[]
}

/** An own claim as it was last told; what it means is its teller's business. */
export type StoredClaim = { readonly ip: string; readonly epoch: number }

/**
 * The text of a file, in chunks that are each made in about a millisecond, when they are asked for.
 * @param storedOf what a line holds of what is given; undefined for what is left out
 */
export function* encodeFile<Line>(
  owner: StateOwner,
  { what, savedAt, lines }: Omit<StoredFile, 'lines'> & { readonly lines: readonly Line[] },
  storedOf: (line: Line) => unknown,
): Generator<string> {
  const { node, namespace } = owner
  const head = `${JSON.stringify({ format: NAME, version: FORMAT, node, namespace, what, savedAt })}\n`
  let sum = added(FIRST_SUM, head)
  let count = 0
  yield head
  for (let at = 0; at < lines.length; at += LINES_PER_CHUNK) {
    const rows = lines.slice(at, at + LINES_PER_CHUNK).flatMap((line) => storedOf(line) ?? [])
    const chunk = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    count += rows.length
    sum = added(sum, chunk)
    yield chunk
  }
  yield `${JSON.stringify({ lines: count, sum })}\n`
}

/** Reads a file back. The reason of a refusal continues "the file ". */
export function decodeFile(owner: StateOwner, what: string, text: string): Decoded<StoredFile> {
  const headEnd = text.indexOf('\n') + 1
  const head = parsed(text.slice(0, headEnd))
  const problem = problemOfHead(owner, what, head)
  if (problem !== undefined) return { ok: false, reason: problem }
  const tailStart = text.lastIndexOf('\n', text.length - 2) + 1
  const tail = parsed(text.slice(tailStart))
  const rows = tailStart > headEnd ? text.slice(headEnd, tailStart - 1).split('\n') : []
  const isWhole =
    tailStart >= headEnd &&
    tail?.['lines'] === rows.length &&
    tail['sum'] === added(FIRST_SUM, text.slice(0, tailStart))
  if (!isWhole) return { ok: false, reason: 'is cut off or damaged' }
  const lines = rows.map(parsed)
  // Whole, and still not ours: made by a hand or by a bug.
  if (lines.includes(undefined)) return { ok: false, reason: 'has a line that is no JSON object' }
  return { ok: true, value: { what, savedAt: String(head?.['savedAt']), lines } }
}

function problemOfHead({ node, namespace }: StateOwner, what: string, head: Fields | undefined): string | undefined {
  if (head?.['format'] !== NAME) return 'is no state of a speaker, or damaged'
  if (head['version'] !== FORMAT) return `has version ${shown(head['version'])}; this speaker reads ${FORMAT}`
  if (head['node'] !== node) return `is of node ${shown(head['node'])}; this one is "${node}"`
  if (head['namespace'] !== namespace) {
    return `is of namespace ${shown(head['namespace'])}; this speaker's is "${namespace}"`
  }
  if (head['what'] !== what) return `holds ${shown(head['what'])}`
  return Number.isNaN(Date.parse(String(head['savedAt']))) ? 'does not say when it was written' : undefined
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

const LONGEST_SHOWN = 64

/** Bounded: it goes into a log line, and comes from a file. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'none').slice(0, LONGEST_SHOWN)
}

const FIRST_SUM = 0x811c9dc5

/** FNV-1a over UTF-16 units: finds damage, not malice; who may write the folder is root on this node anyway. */
function added(sum: number, text: string): number {
  let next = sum
  for (let at = 0; at < text.length; at++) next = Math.imul(next ^ text.charCodeAt(at), 0x01000193)
  return next >>> 0
}

/**
 * An object as it is stored; undefined for one that is not. Kept is what the followers keep (`cluster-objects.ts`) of
 * Services, EndpointSlices, Nodes, Pods, Namespaces, the configuration kinds, ServiceL2Statuses and the
 * ConfigurationStates of nodes that lack interfaces. Left out:
 *
 * - Secrets, always (they are not given to this function), and every BGPPeer with a password or a reference to one:
 *   without it no session comes up, and with the Secret missing the whole configuration would be refused;
 * - annotations of configuration kinds: `kubectl apply` keeps the whole object there, an old password too;
 * - resourceVersion and generation: they say only "nothing has changed since", and the API's word must always win.
 */
export function storedObject(object: KubeObject): KubeObject | undefined {
  if (hasPassword(object)) return undefined
  const { metadata } = object
  const isConfig = object.apiVersion.startsWith('metallb.io/') && 'spec' in object
  const kept = Object.entries(metadata).filter(([name]) => !LEFT_OUT.has(name) && !(isConfig && name === 'annotations'))
  return { ...object, metadata: Object.fromEntries(kept) as KubeObject['metadata'] }
}

const LEFT_OUT: ReadonlySet<string> = new Set(['resourceVersion', 'generation', 'managedFields'])

function hasPassword(object: KubeObject): boolean {
  if (object.kind !== 'BGPPeer') return false
  const spec = 'spec' in object && isFields(object.spec) ? object.spec : {}
  return spec['password'] !== undefined || spec['passwordSecret'] !== undefined
}

/** Whether a change alters anything that is stored. A kubelet's heartbeat does not. */
export function sameStored(a: KubeObject | undefined, b: KubeObject | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return JSON.stringify(storedObject(a)) === JSON.stringify(storedObject(b))
}

/** The lines of a file as objects of one kind. */
export function readObjects(file: StoredFile, kind: string): Decoded<readonly KubeObject[]> {
  const odd = file.lines.findIndex((line) => !isObjectOf(kind, line))
  if (odd >= 0) return { ok: false, reason: `has no ${kind} in line ${odd + 2}` }
  return { ok: true, value: file.lines as readonly KubeObject[] }
}

function isObjectOf(kind: string, line: unknown): boolean {
  if (!isFields(line) || line['kind'] !== kind || typeof line['apiVersion'] !== 'string') return false
  const { metadata } = line
  if (!isFields(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '') return false
  return metadata['namespace'] === undefined || typeof metadata['namespace'] === 'string'
}

const HIGHEST_EPOCH = 0xffff_ffff

export function readClaims(file: StoredFile): Decoded<readonly StoredClaim[]> {
  const odd = file.lines.findIndex((line) => !isClaim(line))
  if (odd >= 0) return { ok: false, reason: `has no claim in line ${odd + 2}` }
  return { ok: true, value: file.lines as readonly StoredClaim[] }
}

function isClaim(line: unknown): boolean {
  if (!isFields(line)) return false
  const { ip, epoch } = line
  const isEpoch = Number.isInteger(epoch) && Number(epoch) >= 0 && Number(epoch) <= HIGHEST_EPOCH
  return isEpoch && typeof ip === 'string' && parseAddress(ip) !== undefined
}
