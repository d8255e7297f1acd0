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
  if (change.kind === 'lost') {
    slot.deviceGone = change.why
    slot.session?.lost(change.why)
    return ports.onView()
  }
  slot.deviceGone = undefined
  if (change.lost !== undefined) slot.session?.lost(change.lost)
  takeNote(slot, ports)
  // Told of for the first time: what stands is bound to it already.
  if (change.lost === undefined && slot.view?.state === 'established') return
  tryAnew(slot, ports)
}

/** What listens is bound to the device that there was. */
function tryAnew(slot: PeerSlot, ports: SlotPorts): void {
  const { session, plan } = slot
  if (plan.kind === 'session' && plan.config.passive) void renew(slot, ports)
  else session?.retry()
}
