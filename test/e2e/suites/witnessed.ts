import assert from 'node:assert/strict'
import type { Client } from '../../lab/client/client.ts'
import { startWitness, type Testimony, type Witness } from '../../lab/client/witness.ts'
import type { Lab } from '../../lab/lab.ts'
import { type Answer, ownerChanges } from '../../lab/wire/answerers.ts'

/** A lab with somebody on a LAN who asks for addresses all the time; he and the client see what the nodes do. */
export type Watched = {
  readonly lab: Lab
  readonly client: Client
  readonly asker: Client
  /** Elsewhere on the same LAN. */
  readonly neighbour: Client
  /** The node that has a MAC on that LAN. */
  readonly nodeOf: (mac: string) => string
}

/** What a move may take at most: a membership needs well below one second, Kubernetes alone (in these labs) a minute. */
export const CEILING_MS = 5000
/** Several questions in a row. */
const LATELY_MS = 250
/** Longer than the announcements behind a move go on, and than a returned node needs to learn what it missed. */
const QUIET_MS = 6000

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Watches the addresses while `work` happens. */
export async function witnessed(
  { lab, client, asker, neighbour }: Watched,
  addresses: readonly string[],
  work: (witness: Witness) => Promise<void>,
): Promise<Testimony> {
  const witness = await startWitness(lab, { client, other: neighbour, asker, addresses })
  try {
    await work(witness)
  } catch (error) {
    // What is being watched must not be left running; the error is the message.
    await witness.stop().catch(() => {})
    throw error
  }
  return witness.stop()
}

/** The nodes that have answered for the address lately. */
export function answerersNow({ nodeOf }: Watched, witness: Witness, address: string): readonly string[] {
  const since = Date.now() - LATELY_MS
  return [...new Set(witness.answers(address).flatMap(({ at, mac }) => (at > since ? [nodeOf(mac)] : [])))]
}

type Wanted = {
  readonly address: string
  /** This one, if given. */
  readonly node?: string
  /** Any but this one, if given. */
  readonly butNot?: string
}

/** Waits until one node alone answers for the address, the one that is wanted; gives it. */
export async function soleOwner(
  watched: Watched,
  witness: Witness,
  { address, node: wanted, butNot }: Wanted,
): Promise<string> {
  const who = butNot === undefined ? (wanted ?? 'some node') : `another node than ${butNot}`
  return watched.lab.waitFor(
    `${who} to answer for ${address}, and nobody else`,
    () => {
      const nodes = answerersNow(watched, witness, address)
      const [node] = nodes
      if (nodes.length === 1 && node !== butNot && (wanted ?? node) === node) return node
      throw new Error(nodes.length === 0 ? 'nobody answers' : `${nodes.join(' and ')} answer`)
    },
    { timeoutMs: CEILING_MS, everyMs: 20 },
  )
}

/** For some seconds, the address is answered for by this node and by no other. */
export async function staysWith(
  { nodeOf }: Watched,
  witness: Witness,
  { address, node }: { readonly address: string; readonly node: string },
): Promise<void> {
  const since = Date.now()
  await pause(QUIET_MS)
  const answers = witness.answers(address).filter(({ at }) => at >= since)
  assert.deepEqual([...new Set(answers.map(({ mac }) => nodeOf(mac)))], [node], `who answered for ${address}`)
}

/** The changes of owner as `n1>n2`, in order. */
export function changesOf({ nodeOf }: Watched, answers: readonly Answer[]): readonly string[] {
  return ownerChanges(answers).map(({ from, to }) => `${nodeOf(from)}>${nodeOf(to)}`)
}
