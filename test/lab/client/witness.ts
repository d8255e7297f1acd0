import type { Lab } from '../lab.ts'
import { type Answer, answersFor } from '../wire/answerers.ts'
import type { Frame } from '../wire/frame.ts'
import type { Client } from './client.ts'
import type { Knocking } from './knock.ts'

export type WitnessOptions = {
  /** Opens connections to the first address. */
  readonly client: Client
  /** Another, elsewhere on the LAN, that does the same. */
  readonly other?: Client
  /** Asks who has each address, as one who has just come, and writes down who answers. A machine apart from the others. */
  readonly asker: Client
  readonly addresses: readonly string[]
  /** How often it asks for each; 20 ms unless told. */
  readonly everyMs?: number
  /** Of the Service; 80 unless told. */
  readonly port?: number
}

/** What was seen from beginning to end. */
export type Testimony = {
  readonly client: Knocking
  readonly other: Knocking | undefined
  readonly answers: (address: string) => readonly Answer[]
}

/** Somebody who watches a LAN from outside while things happen to its nodes. */
export type Witness = {
  /** The answers heard so far. */
  readonly answers: (address: string) => readonly Answer[]
  readonly stop: () => Promise<Testimony>
}

const ASK_EVERY_MS = 20

/** Starts all of it; resolves when connections are made and questions asked. */
export async function startWitness(
  lab: Lab,
  { client, other, asker, addresses, everyMs = ASK_EVERY_MS, port = 80 }: WitnessOptions,
): Promise<Witness> {
  const [first = ''] = addresses
  const capture = await lab.capture(asker.name, 'arp')
  const asking = await asker.ask(addresses, everyMs)
  const knocker = await client.knock(first, port)
  const otherKnocker = await other?.knock(first, port)
  return {
    answers: (address) => answersFor(capture.frames, address),
    stop: async () => {
      const [seen, seenByOther] = await Promise.all([knocker.stop(), otherKnocker?.stop()])
      await asking.stop()
      const frames: readonly Frame[] = await capture.stop()
      return { client: seen, other: seenByOther, answers: (address) => answersFor(frames, address) }
    },
  }
}
