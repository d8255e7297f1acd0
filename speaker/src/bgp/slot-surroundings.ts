import { farNote } from '../decide/bgp/desired-bfd.ts'
import type { DeviceChange } from '../decide/bgp/device-change.ts'
import { type PeerSlot, renew, type SlotPorts } from './peer-slot.ts'

/** An external peer beyond a router is tried all the same, and that it is there is said while it does not answer. */
export function takeNote(slot: PeerSlot, { port, log }: SlotPorts): void {
  const before = slot.note
  slot.note = farNote(slot.peer, port.isConnected)
  if (slot.note !== undefined && slot.note !== before) log.warn(slot.note, { peer: slot.name, op: 'connect' })
}

/** The device that a session is bound to has come or gone: nobody need wait for a timer to find out. */
export function followDevice(slot: PeerSlot, change: DeviceChange, ports: SlotPorts): void {
  const { session, plan } = slot
  const why = change.kind === 'lost' ? change.why : change.lost
  if (why !== undefined) session?.lost(why)
  if (change.kind === 'lost') return
  takeNote(slot, ports)
  // What listens is bound to the device that there was.
  if (plan.kind === 'session' && plan.config.passive) void renew(slot, ports)
  else session?.retry()
}
