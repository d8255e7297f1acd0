export {
  type AddressClaim,
  type Announced,
  type Answer,
  type Ask,
  type ClaimForm,
  IGNORED_REASONS,
  type IgnoredReason,
} from './answer.ts'
export { answerFrame, type Received } from './answer-frame.ts'
export { type ArpPacket, decodeArp, encodeArp } from './arp.ts'
export { type ArpOperation, BROADCAST_MAC, DEFEND_INTERVAL_MS, ETHERTYPE } from './constants.ts'
export {
  beginCheck,
  type CheckConfig,
  type CheckMode,
  type CheckStep,
  type CheckVerdict,
  DUPLICATE_CHECK,
  type DuplicateChecks,
  duplicateChecks,
  endCheck,
  failCheck,
  missProbe,
  nextCheckAt,
  takeChecks,
} from './duplicate-check.ts'
export { decodeEthernet, encodeEthernet, type EthernetFrame, isGroupMac } from './ethernet.ts'
export {
  advertisementFrame,
  allNodesFrame,
  arpReplyFrame,
  gratuitousFrames,
  probeFrame,
  type Station,
  talkerFrames,
} from './frames.ts'
export {
  ALL_NODES,
  ALL_ROUTERS,
  groupMac,
  isGroup,
  isLinkLocal,
  isUnspecified,
  solicitedNodeGroup,
} from './ipv6-scope.ts'
export type { LinkView, PacketType } from './link-view.ts'
export {
  decodeNdp,
  encodeNdp,
  type NdpMessage,
  type NeighbourAdvertisement,
  type NeighbourSolicitation,
} from './ndp.ts'
export { type BpfInstruction, NEIGHBOUR_FILTER } from './packet-filter.ts'
export {
  decodeRouterDiscovery,
  encodeRouterAdvertisement,
  encodeRouterSolicitation,
  type ReceivedDiscovery,
  ROUTER_DISCOVERY_TYPES,
  type RouterDiscovery,
} from './router-discovery.ts'
export {
  announce,
  announceAgain,
  nextRoundAt,
  rescale,
  type Round,
  type Schedule,
  schedule,
  SCHEDULE,
  type ScheduleConfig,
  silence,
  spend,
  takeDue,
} from './schedule.ts'
export { noteTalker, TALKER_LIMITS, type Talkers, talkersOf } from './talkers.ts'
