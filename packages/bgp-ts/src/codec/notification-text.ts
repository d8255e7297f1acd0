import { CEASE, ERROR_CODE, HEADER_ERROR, OPEN_ERROR, STATE_MACHINE_ERROR, UPDATE_ERROR } from '../constants.ts'
import type { Notification } from '../message.ts'
import { hardResetInside } from './notification.ts'
import { shutdownText } from './shutdown-text.ts'

/** The name of the registry, and what an operator looks at. */
type Meaning = { readonly name: string; readonly hint?: string }
type Meanings = Readonly<Record<number, Meaning>>

const HEADER: Meanings = {
  [HEADER_ERROR.notSynchronized]: {
    name: 'Connection Not Synchronized',
    hint: 'what came was no BGP: look at what listens on that port, and at the password',
  },
  [HEADER_ERROR.badLength]: { name: 'Bad Message Length' },
  [HEADER_ERROR.badType]: { name: 'Bad Message Type' },
}
const OPEN: Meanings = {
  [OPEN_ERROR.unsupportedVersion]: { name: 'Unsupported Version Number', hint: 'both must speak BGP-4' },
  [OPEN_ERROR.badPeerAs]: {
    name: 'Bad Peer AS',
    hint: 'the AS number that one side shows is not the one the other is configured for: compare both configurations',
  },
  [OPEN_ERROR.badIdentifier]: {
    name: 'Bad BGP Identifier',
    hint: 'router ids must not be 0, nor the same on both sides: give one of them another',
  },
  [OPEN_ERROR.unsupportedParameter]: { name: 'Unsupported Optional Parameter' },
  5: { name: 'Authentication Failure (deprecated)' },
  [OPEN_ERROR.unacceptableHoldTime]: {
    name: 'Unacceptable Hold Time',
    hint: 'one side refuses the hold time of the other: compare both, and the least that the router accepts',
  },
  [OPEN_ERROR.unsupportedCapability]: {
    name: 'Unsupported Capability',
    hint: 'one side insists on what the other does not offer: compare the address families of both',
  },
  11: { name: 'Role Mismatch', hint: 'the router insists on BGP roles (RFC 9234): do not demand one there' },
}
const UPDATE: Meanings = {
  [UPDATE_ERROR.malformedAttributeList]: { name: 'Malformed Attribute List' },
  [UPDATE_ERROR.unrecognizedWellKnown]: { name: 'Unrecognized Well-known Attribute' },
  [UPDATE_ERROR.missingWellKnown]: { name: 'Missing Well-known Attribute' },
  [UPDATE_ERROR.attributeFlags]: { name: 'Attribute Flags Error' },
  [UPDATE_ERROR.attributeLength]: { name: 'Attribute Length Error' },
  [UPDATE_ERROR.invalidOrigin]: { name: 'Invalid ORIGIN Attribute' },
  7: { name: 'AS Routing Loop (deprecated)' },
  [UPDATE_ERROR.invalidNextHop]: { name: 'Invalid NEXT_HOP Attribute' },
  [UPDATE_ERROR.optionalAttribute]: { name: 'Optional Attribute Error' },
  [UPDATE_ERROR.invalidNetwork]: { name: 'Invalid Network Field' },
  [UPDATE_ERROR.malformedAsPath]: {
    name: 'Malformed AS_PATH',
    hint: 'the router may want the AS path to begin with the AS number it is configured for',
  },
}
const STATE_MACHINE: Meanings = {
  [STATE_MACHINE_ERROR.openSent]: { name: 'Receive Unexpected Message in OpenSent State' },
  [STATE_MACHINE_ERROR.openConfirm]: { name: 'Receive Unexpected Message in OpenConfirm State' },
  [STATE_MACHINE_ERROR.established]: { name: 'Receive Unexpected Message in Established State' },
}
const CEASES: Meanings = {
  [CEASE.prefixLimit]: {
    name: 'Maximum Number of Prefixes Reached',
    hint: 'more routes were announced than the receiver is set to take: raise its limit or announce aggregates',
  },
  [CEASE.administrativeShutdown]: { name: 'Administrative Shutdown', hint: 'an operator ended the session' },
  [CEASE.peerDeconfigured]: { name: 'Peer De-configured', hint: 'the session was taken out of the configuration' },
  [CEASE.administrativeReset]: { name: 'Administrative Reset', hint: 'an operator has it begin anew' },
  [CEASE.connectionRejected]: {
    name: 'Connection Rejected',
    hint: 'a session with that address is not configured, or must not come from there',
  },
  [CEASE.configurationChange]: { name: 'Other Configuration Change', hint: 'it begins anew with what was changed' },
  [CEASE.collision]: {
    name: 'Connection Collision Resolution',
    hint: 'both sides had connected and one connection was enough; more than once: two speakers share an address or a router id',
  },
  [CEASE.outOfResources]: { name: 'Out of Resources', hint: 'the one that says so lacks memory' },
  [CEASE.hardReset]: { name: 'Hard Reset', hint: 'routes are not kept for a graceful restart' },
  [CEASE.bfdDown]: { name: 'BFD Down', hint: 'BFD lost the peer: look at the link and at the BFD intervals' },
}
const CODES: Readonly<Record<number, Meaning & { readonly subcodes: Meanings }>> = {
  [ERROR_CODE.header]: { name: 'Message Header Error', subcodes: HEADER },
  [ERROR_CODE.open]: { name: 'OPEN Message Error', subcodes: OPEN },
  [ERROR_CODE.update]: { name: 'UPDATE Message Error', subcodes: UPDATE },
  [ERROR_CODE.holdTimer]: {
    name: 'Hold Timer Expired',
    hint: 'nothing was heard for the hold time: look at the link, and whether the other side is alive or overloaded',
    subcodes: {},
  },
  [ERROR_CODE.stateMachine]: { name: 'Finite State Machine Error', subcodes: STATE_MACHINE },
  [ERROR_CODE.cease]: { name: 'Cease', subcodes: CEASES },
  [ERROR_CODE.routeRefresh]: {
    name: 'ROUTE-REFRESH Message Error',
    subcodes: { 1: { name: 'Invalid Message Length' } },
  },
  [ERROR_CODE.sendHoldTimer]: {
    name: 'Send Hold Timer Expired',
    hint: 'nothing that was sent was read for long: look whether the other side hangs',
    subcodes: {},
  },
}

/**
 * A sentence for an operator: the names of IANA's registry, the numbers, what was said with it and what to look at. One line,
 * printable whatever the data holds.
 */
export function describeNotification(notification: Notification): string {
  const { code, subcode } = notification
  const known = CODES[code]
  const meaning = known?.subcodes[subcode]
  const name = known === undefined ? 'Unknown error' : subcodeName(known.name, subcode, meaning)
  const said = detail(notification)
  const hint = meaning?.hint ?? known?.hint
  return `${name} (${code}/${subcode})${said === undefined ? '' : `, ${said}`}${hint === undefined ? '' : `: ${hint}`}`
}

function subcodeName(code: string, subcode: number, meaning: Meaning | undefined): string {
  if (meaning !== undefined) return `${code}, ${meaning.name}`
  return subcode === 0 ? code : `${code}, unknown subcode`
}

/** What the data says, where it is of use to people. */
function detail(notification: Notification): string | undefined {
  const { code, subcode, data } = notification
  const inside = hardResetInside(notification)
  if (inside !== undefined) return `because of ${describeInside(inside)}`
  const text = shutdownText(notification)
  if (text !== undefined) return `its operator says "${text}"`
  if (code === ERROR_CODE.update && data.length >= 2) return `about path attribute ${data[1]}`
  if (code === ERROR_CODE.open && subcode === OPEN_ERROR.unsupportedCapability && data.length > 0) {
    return `about capability ${data[0]}`
  }
  return undefined
}

/** A Hard Reset within a Hard Reset is nothing that a peer has to say: one level is looked at. */
function describeInside({ code, subcode, data }: Notification): string {
  const known = CODES[code]
  if (known === undefined || (code === ERROR_CODE.cease && subcode === CEASE.hardReset)) return `(${code}/${subcode})`
  const text = shutdownText({ kind: 'notification', code, subcode, data })
  const name = subcodeName(known.name, subcode, known.subcodes[subcode])
  return `${name} (${code}/${subcode})${text === undefined ? '' : `, its operator says "${text}"`}`
}
