export type {
  AsSegment,
  Attributes,
  Capability,
  ExtendedNextHop,
  GracefulRestart,
  Keepalive,
  Message,
  MpReach,
  Notification,
  Open,
  Origin,
  RouteRefresh,
  Update,
} from './message.ts'
export type {
  Connection,
  ConnectionFacts,
  ConnectionListener,
  Ending,
  Incoming,
  MessageKind,
  NextHops,
  PeerConfig,
  Route,
  RouteChanges,
  Session,
  SessionCounters,
  SessionListener,
  SessionState,
  SessionView,
  Transport,
} from './peer.ts'
export { familyOf, AFI_OF_FAMILY } from './codec/multiprotocol.ts'
export { type Frame, type Framer, messageFramer } from './codec/framer.ts'
export { linkBandwidthCommunity, linkBandwidthOf, type LinkBandwidth } from './codec/link-bandwidth.ts'
export {
  type DecodedMessage,
  type DecodedUpdate,
  decodeMessage,
  encodeMessage,
  type InspectedMessage,
  type InspectedUpdate,
  inspectMessage,
  type OtherMessage,
  type WithdrawnUpdate,
} from './codec/message-codec.ts'
export { hardReset, hardResetInside } from './codec/notification.ts'
export { describeNotification } from './codec/notification-text.ts'
export { prefixBytes } from './codec/prefixes.ts'
export { notificationOf, type Refused } from './codec/refusal.ts'
export { cease, shutdownText } from './codec/shutdown-text.ts'
export { endOfRib, isEndOfRib } from './codec/update.ts'
export { largestMessage, OPENING_TERMS, type WireTerms } from './codec/wire-terms.ts'
export { capabilityBytes } from './codec/capabilities.ts'
export { AS_TRANS, BGP_PORT, BGP_VERSION, CEASE, ERROR_CODE, OPEN_ERROR, STATE_MACHINE_ERROR } from './constants.ts'
export { type SessionPorts } from './session/shell.ts'
export { startSession } from './session/session.ts'
export {
  type MemoryHost,
  type MemoryHostOptions,
  memoryPair,
  type MemoryPair,
  type MemoryPairOptions,
} from './testing/memory-pair.ts'
export { nodeIncoming, nodeTransport, type NodeTransportOptions } from './node-transport.ts'
export { nextDeadline } from './session/alarms.ts'
export {
  ABSENT,
  CONFORMANCE,
  type ConformanceRow,
  type EventName,
  type Situation,
  SITUATIONS,
} from './session/conformance-table.ts'
export { ERROR_TABLE, type ErrorRow } from './session/error-table.ts'
export {
  initialState,
  type MachineConfig,
  type MachineEffect,
  type MachineEvent,
  type MachineState,
} from './session/state.ts'
export { sessionStateOf, step } from './session/step.ts'
