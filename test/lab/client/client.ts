import { fileURLToPath } from 'node:url'
import { inNamespace, type Outcome, run } from '../command.ts'
import type { Journal } from '../journal.ts'
import { type LabMachine, labMachine } from '../machine.ts'
import type { Machine } from '../topology.ts'
import { type Asker, startAsking } from './ask.ts'
import { type Knocker, startKnocking } from './knock.ts'

/** What the lab's Pods answer: who, from where, and as whom they see the caller. */
export type Answer = {
  readonly pod: string
  readonly node: string
  readonly client: string
  readonly path?: string
  readonly said?: string
}

/** A user's machine on the LAN. */
export type Client = LabMachine & {
  /** An HTTP request by curl; undefined when no Pod answered in time. @param flags more flags of curl */
  readonly curl: (url: string, flags?: readonly string[]) => Promise<Answer | undefined>
  /** One datagram; undefined when no answer came within a second. */
  readonly udp: (host: string, port: number, text: string) => Promise<Answer | undefined>
  /** A fresh TCP connection every 10 ms, until stopped. */
  readonly knock: (host: string, port: number) => Promise<Knocker>
  /** Asks by ARP broadcast who has each of the IPv4 addresses, once in `everyMs`, until stopped: a client that has just come, over and over. */
  readonly ask: (addresses: readonly string[], everyMs: number) => Promise<Asker>
}

const DATAGRAM = fileURLToPath(new URL('datagram.ts', import.meta.url))

export function labClient(machine: Machine, journal: Journal): Client {
  const inside = inNamespace(machine.namespace)
  return {
    ...labMachine(machine),
    curl: async (url, flags = []) =>
      answerOf(await run([...inside, 'curl', '-sS', '-g', '--max-time', '2', ...flags, url])),
    udp: async (host, port, text) =>
      answerOf(await run([...inside, process.execPath, DATAGRAM, host, String(port), text])),
    knock: (host, port) => startKnocking(journal, machine.namespace, { host, port }),
    ask: (addresses, everyMs) => startAsking(journal, machine, { addresses, everyMs }),
  }
}

function answerOf({ status, stdout }: Outcome): Answer | undefined {
  if (status !== 0) return undefined
  try {
    return JSON.parse(stdout) as Answer
  } catch {
    return undefined
  }
}

/** As part of a URL: IPv6 addresses stand in brackets. */
export function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
