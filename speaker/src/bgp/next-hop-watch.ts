import type { NextHops, Session } from '@steelyard/bgp-ts'
import { SystemCallError } from '@steelyard/raw-socket'
import type { Cancel, Clock } from '@steelyard/runtime'
import { type HostAddress, nextHopsOf } from '../decide/bgp/next-hops.ts'

/** As often as the interfaces for layer 2 are looked at (contract, 7.3). */
const EVERY_MS = 10_000

export type NextHopPorts = {
  readonly clock: Clock
  /** The addresses that are this host's own for the session. @throws SystemCallError */
  readonly host: () => readonly HostAddress[]
}

/**
 * Next hops are found when a connection opens, and an address may come later or go: above all an IPv6 address that was still
 * being checked for a duplicate. The routes are then announced again, without a reset.
 * @param ifindex the interface of an unnumbered peer
 */
export function watchNextHops(
  session: Pick<Session, 'view' | 'setNextHops'>,
  ifindex: number | undefined,
  ports: NextHopPorts,
): Cancel {
  const { clock } = ports
  const state: { cancel: Cancel } = { cancel: () => {} }
  const look = (): void => {
    const { established } = session.view()
    const ends = established && { ...established, ...(ifindex === undefined ? {} : { ifindex }) }
    const now = ends && nextHopsNow(ports, ends)
    // The same as before changes nothing.
    if (now !== undefined) session.setNextHops(now)
    sleep()
  }
  const sleep = (): void => {
    state.cancel = clock.wakeAt(clock.now() + EVERY_MS, look)
  }
  sleep()
  return () => state.cancel()
}

/** Undefined when the kernel cannot be asked: another time, then. */
function nextHopsNow({ host }: NextHopPorts, ends: Parameters<typeof nextHopsOf>[1]): NextHops | undefined {
  try {
    return nextHopsOf(host(), ends)
  } catch (error) {
    if (error instanceof SystemCallError) return undefined
    throw error
  }
}
