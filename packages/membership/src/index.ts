export { type MembershipConfig, MEMBERSHIP_DEFAULTS, MEMBERSHIP_WAN } from './config.ts'
export {
  BEAT_ETHERTYPE,
  BEAT_GROUP_MAC,
  BOOT_BYTES,
  CHALLENGE_BYTES,
  DIGEST_BYTES,
  LARGEST_BODY_BYTES,
  LARGEST_DATAGRAM_BYTES,
  LARGEST_RECORD_BYTES,
  MOST_HEARD,
} from './constants.ts'
export type { Incarnation } from './identity.ts'
export type { Message, MessageBody, NewsEntry, NewsStatus } from './message.ts'
export { decodeMessage, encodeMessage, packNews } from './message-codec.ts'
export { beats, beatsByRank, type Contender } from './precedence.ts'
export { type AddressClaim, EMPTY_RECORD, type NodeRecord } from './record.ts'
export { decodeRecord, encodeRecord } from './record-codec.ts'
export {
  type Assembled,
  assembleRecord,
  PART_REFUSALS,
  type PartRefusal,
  type RecordAssembly,
  recordAssembly,
  type RecordEdition,
  type RecordPart,
  splitRecord,
} from './record-parts.ts'
export { hashText, rankOf } from './rendezvous.ts'
export { acceptCounter, type ReplayWindow, replayWindow } from './replay-window.ts'
export {
  bootText,
  ENVELOPE_REFUSALS,
  type EnvelopeRefusal,
  forgetBoot,
  keyIdOf,
  type Keyring,
  keyring,
  openEnvelope,
  type Opened,
  proveBoot,
  provenBoots,
  type ProvenBoots,
  type Sealer,
  sealer,
} from './seal.ts'
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
export { countersOf, dropsFor, type MembershipCounters } from './tally.ts'
export { type Read, sealedWire, type Wire } from './wire.ts'
