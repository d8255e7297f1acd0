import { type NetlinkEvent, SystemCallError } from '@steelyard/raw-socket'
import type { LinkEvent } from './decide/state.ts'
import { nextDeadline } from './decide/step.ts'
import { attempt, happen } from './effects.ts'
import type { ChannelSockets, LinkLoop } from './link-loop.ts'
import { nextBeat, nextDatagram } from './member-sockets.ts'
import { nextDiscovery } from './router-sockets.ts'
import type { LinkDesired } from './messages.ts'

/** So many frames of one socket are taken before the others have their turn. */
const FRAMES_PER_TURN = 128
/** Work that takes longer than this has been interrupted: what still waits is left to the next turn, which notices. */
const LONGEST_TURN_MS = 100

/** Waits for a frame, a kernel event, a desire or a deadline, whichever comes first, and does all that is due then. */
export function turn(loop: LinkLoop): void {
  const sleep = fallAsleep(loop)
  const ready = loop.world.io.poll([...sleep.takers.keys()], sleep.deadline - sleep.sleptAt)
  wakeUp(loop, sleep, ready)
}

/** What a turn waits for. */
export type Sleep = {
  readonly deadline: number
  readonly sleptAt: number
  /** By descriptor: what is done when it is ready. */
  readonly takers: ReadonlyMap<number, () => void>
}

/** The first half of a turn, up to the wait. */
export function fallAsleep(loop: LinkLoop): Sleep {
  const { world, state } = loop
  return { deadline: nextDeadline(state, world.config), sleptAt: world.now(), takers: takersOf(loop) }
}

/** The second half, from the moment when the wait has ended. That it was late is known before anything that waited. */
export function wakeUp(loop: LinkLoop, { deadline, sleptAt, takers }: Sleep, ready: readonly number[]): void {
  const lagMs = lag(loop, deadline, sleptAt)
  happen(loop, { kind: 'member', what: { kind: 'late', lagMs } })
  takeBeats(loop)
  for (const fd of ready) takers.get(fd)?.()
  happen(loop, { kind: 'tick', lagMs })
}

/**
 * What is done when a descriptor is ready, in this order: what is wanted and what the other speakers say comes
 * before any frame that may be answered.
 */
function takersOf(loop: LinkLoop): Map<number, () => void> {
  const { world, netlink, members, routers, sockets } = loop
  const takers = new Map<number, () => void>([[world.wake.fd, () => takeDesired(loop)]])
  if (netlink !== undefined) takers.set(netlink.fd, () => takeKernelEvents(loop))
  if (members.port !== undefined) takers.set(members.port.fd, () => takeAll(loop, () => nextDatagram(loop)))
  for (const [ifindex, { fd }] of routers) takers.set(fd, () => takeAll(loop, () => nextDiscovery(loop, ifindex)))
  for (const [key, opened] of sockets) {
    takers.set(opened.packet.fd, () => takeAll(loop, () => nextFrame(loop, key, opened)))
  }
  return takers
}

/** How long a frame may have waited for the turn before to end, or by how much a deadline was missed. */
function lag(loop: LinkLoop, deadline: number, sleptAt: number): number {
  const busyMs = sleptAt - loop.wokeAt
  loop.wokeAt = loop.world.now()
  return Math.max(busyMs, loop.wokeAt - Math.max(deadline, sleptAt))
}

/** Every desire is whole, so only the last one counts. Cleared first: a desire that comes now wakes again. */
export function takeDesired(loop: LinkLoop): void {
  const { wake, nextDesired } = loop.world
  wake.clear()
  let last: LinkDesired | undefined
  for (let next = nextDesired(); next !== undefined; next = nextDesired()) last = next
  if (last !== undefined) happen(loop, { kind: 'desired', desired: last })
}

function takeKernelEvents(loop: LinkLoop): void {
  const events = readKernelEvents(loop)
  const known = events.filter((event) => event.kind === 'link' || event.kind === 'address')
  if (known.length > 0) happen(loop, { kind: 'kernel', events: known })
  if (events.some(({ kind }) => kind === 'overrun')) happen(loop, { kind: 'overrun' })
}

/** A netlink socket that cannot be read is replaced by the scan that an overrun brings about. */
function readKernelEvents(loop: LinkLoop): NetlinkEvent[] {
  try {
    return loop.netlink?.receive() ?? []
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    loop.netlink?.close()
    loop.netlink = undefined
    return [{ kind: 'overrun', reason: error.message }]
  }
}

/**
 * Beats over single links are not waited for: each comes with a datagram of the same node, which is, and says no
 * more than that. So a node has half as much to wake for.
 */
function takeBeats(loop: LinkLoop): void {
  for (const ifindex of loop.members.beats.keys()) takeAll(loop, () => nextBeat(loop, ifindex))
}

function takeAll(loop: LinkLoop, next: () => LinkEvent | undefined): void {
  for (let left = FRAMES_PER_TURN; left > 0; left--) {
    if (loop.world.now() - loop.wokeAt > LONGEST_TURN_MS) return
    const event = next()
    if (event === undefined) return
    happen(loop, event)
  }
}

/** None any more after a failure: the core then gives the channel another socket. */
function nextFrame(loop: LinkLoop, key: string, { packet }: ChannelSockets): LinkEvent | undefined {
  if (loop.sockets.get(key)?.packet !== packet) return undefined
  return attempt({ kind: 'receive', key }, () => {
    const frame = packet.receive()
    return frame === undefined ? undefined : { kind: 'frame', key, ...frame }
  })
}
