import { type NetlinkEvent, type PacketSocket, SystemCallError } from '@steelyard/raw-socket'
import { nextDeadline } from './decide/step.ts'
import { attempt, happen } from './effects.ts'
import type { LinkLoop } from './link-loop.ts'
import type { LinkDesired } from './messages.ts'

/** So many frames of one socket are taken before the others have their turn. */
const FRAMES_PER_TURN = 128

/** Waits for a frame, a kernel event, a desire or a deadline, whichever comes first, and does all that is due then. */
export function turn(loop: LinkLoop): void {
  const { world, state } = loop
  const deadline = nextDeadline(state, world.config)
  const sleptAt = world.now()
  const channels = new Map([...loop.sockets].map(([key, { packet }]) => [packet.fd, { key, packet }]))
  const netlink = loop.netlink === undefined ? [] : [loop.netlink.fd]
  const ready = world.io.poll([world.wake.fd, ...netlink, ...channels.keys()], deadline - sleptAt)
  const lagMs = lag(loop, deadline, sleptAt)
  for (const fd of ready) {
    const channel = channels.get(fd)
    if (fd === world.wake.fd) takeDesired(loop)
    else if (channel === undefined) takeKernelEvents(loop)
    else takeFrames(loop, channel)
  }
  happen(loop, { kind: 'tick', lagMs })
}

/** How long a frame may have waited for the turn before to end, or by how much a deadline was missed. */
function lag(loop: LinkLoop, deadline: number, sleptAt: number): number {
  const busyMs = sleptAt - loop.wokeAt
  loop.wokeAt = loop.world.now()
  return Math.max(busyMs, loop.wokeAt - Math.max(deadline, sleptAt))
}

/** Every desire is whole, so only the last one counts. Cleared first: a desire that comes now wakes again. */
function takeDesired(loop: LinkLoop): void {
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

/** Stops at the first failure: the core then gives the channel another socket. */
function takeFrames(loop: LinkLoop, { key, packet }: { readonly key: string; readonly packet: PacketSocket }): void {
  for (let left = FRAMES_PER_TURN; left > 0 && loop.sockets.get(key)?.packet === packet; left--) {
    const event = attempt({ kind: 'receive', key }, () => {
      const frame = packet.receive()
      return frame === undefined ? undefined : { kind: 'frame', key, ...frame }
    })
    if (event === undefined) return
    happen(loop, event)
  }
}
