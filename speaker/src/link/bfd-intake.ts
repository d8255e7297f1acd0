import type { NetlinkEvent } from '@steelyard/raw-socket'
import { attemptBfd } from './bfd-sockets.ts'
import { bfdDeadline } from './decide/bfd.ts'
import type { BfdEvent } from './decide/bfd-state.ts'
import type { LinkEvent } from './decide/state.ts'
import { happen } from './effects.ts'
import type { LinkLoop } from './link-loop.ts'

/** More than all sessions send in the longest wait of a socket's buffer; more comes only from somebody who floods. */
const MOST_PACKETS = 4096
/** A flood delays the detection of an outage by no more than this. */
const LONGEST_DOUBT_MS = 100

/** When the loop wakes this soon anyway, what comes meanwhile may wait for that: many sessions then cost few turns. */
const SOON_MS = 2

/** What the loop waits for on behalf of BFD. */
export function bfdFds({ bfd, state, world }: LinkLoop): number[] {
  if (bfd.receivers.size === 0 || bfdDeadline(state) <= world.now() + SOON_MS) return []
  const sockets = [...bfd.receivers.values(), ...bfd.echoes.values()]
  return [...sockets, ...(bfd.neighbours === undefined ? [] : [bfd.neighbours])].map(({ fd }) => fd)
}

/**
 * Takes all that waits, in each turn and before anything is judged: a neighbour whose packets wait in a socket is not
 * silent, however late this thread comes to read them.
 */
export function takeBfd(loop: LinkLoop): void {
  const { bfd, state, wokeAt } = loop
  if (state.bfd.byDiscriminator.size === 0) return
  let left = MOST_PACKETS
  for (const key of bfd.receivers.keys()) left = take(loop, left, () => nextDatagram(loop, key))
  for (const key of bfd.echoes.keys()) left = take(loop, left, () => nextEcho(loop, key))
  takeNeighbours(loop)
  const doubtful = Math.max(state.bfd.readUntil, wokeAt - LONGEST_DOUBT_MS)
  happen(loop, { kind: 'bfd', what: { kind: 'read', until: left > 0 ? wokeAt : doubtful } })
}

function take(loop: LinkLoop, most: number, next: () => LinkEvent | undefined): number {
  for (let left = most; left > 0; left--) {
    const event = next()
    if (event === undefined) return left
    happen(loop, event)
  }
  return 0
}

function nextDatagram({ bfd }: LinkLoop, key: string): LinkEvent | undefined {
  return attemptBfd({ kind: 'receive', key }, () => {
    const datagram = bfd.receivers.get(key)?.receive()
    return datagram && { kind: 'datagram', key, datagram }
  })
}

function nextEcho({ bfd }: LinkLoop, key: string): LinkEvent | undefined {
  return attemptBfd({ kind: 'receiveEcho', key }, () => {
    const frame = bfd.echoes.get(key)?.receive()
    return frame && { kind: 'echo', frame: frame.bytes }
  })
}

/** After lost events all are listed again. */
function takeNeighbours(loop: LinkLoop): void {
  const { neighbours } = loop.bfd
  if (neighbours === undefined) return
  const event = attemptBfd({ kind: 'listNeighbours' }, () => {
    const events = neighbours.receive()
    if (events.length === 0) return undefined
    if (events.some(({ kind }) => kind === 'overrun')) return { kind: 'neighbours', found: neighbours.dumpNeighbours() }
    return { kind: 'neighbours', found: events.flatMap(neighbourOf) }
  })
  if (event !== undefined) happen(loop, event)
}

type Found = Extract<BfdEvent, { kind: 'neighbours' }>['found']

function neighbourOf(event: NetlinkEvent): Found {
  if (event.kind !== 'neighbour') return []
  const { index, address, mac } = event.neighbour
  return [{ index, address, mac: event.change === 'deleted' ? undefined : mac }]
}
