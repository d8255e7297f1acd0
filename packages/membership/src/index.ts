export { type MembershipConfig, MEMBERSHIP_DEFAULTS, MEMBERSHIP_WAN } from './config.ts'
export type { Incarnation } from './identity.ts'
export type { Message, MessageBody, NewsEntry, NewsStatus } from './message.ts'
export { beats, type Contender } from './precedence.ts'
export { type AddressClaim, EMPTY_RECORD, type NodeRecord } from './record.ts'
export { hashText, rankOf } from './rendezvous.ts'
export {
  membership,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  type MemberStatus,
  type MemberView,
  type Self,
  type Standing,
} from './state.ts'
export { nextDeadline, step } from './step.ts'
export { countersOf, type MembershipCounters } from './tally.ts'
export type { Opened, Wire } from './wire.ts'
