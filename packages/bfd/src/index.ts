export { CONTROL_PORT, diagnosticInWords, ECHO_PORT, MULTIHOP_PORT, SOURCE_PORTS, STATES, TTL } from './constants.ts'
export { detectMs, echoMs, receiveMs, transmitMs } from './intervals.ts'
export { type BfdPacket, decodePacket, encodePacket, type PacketRead, type PacketRefusal } from './packet.ts'
export { type BfdConfig, type BfdRemote, type BfdSession, bfdSession } from './session.ts'
export {
  addSession,
  type BfdPlace,
  type BfdRefusal,
  type BfdSessions,
  bfdSessions,
  type ControlArrival,
  feedSession,
  forgetSession,
  isOver,
  type Moment,
  nextSessionAt,
  type Outcome,
  receiveControl,
  type Received,
  receiveEcho,
  retireSession,
  type SessionEntry,
  type SessionSpec,
  tickSessions,
} from './sessions.ts'
export { type BfdEffect, type BfdEvent, nextDeadline, step } from './step.ts'
export { NEXT, type BfdState } from './transition.ts'
