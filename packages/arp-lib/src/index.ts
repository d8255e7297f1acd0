export { type Announced, type Answer, type Ask, IGNORED_REASONS, type IgnoredReason } from './answer.ts'
export { answerFrame, type Received } from './answer-frame.ts'
export { type ArpPacket, decodeArp, encodeArp } from './arp.ts'
export { type ArpOperation, BROADCAST_MAC, ETHERTYPE } from './constants.ts'
export { decodeEthernet, encodeEthernet, type EthernetFrame, isGroupMac } from './ethernet.ts'
export {
  advertisementFrame,
  allNodesFrame,
  arpReplyFrame,
  gratuitousFrames,
  type Station,
  talkerFrames,
} from './frames.ts'
export { ALL_NODES, groupMac, isGroup, isLinkLocal, isUnspecified, solicitedNodeGroup } from './ipv6-scope.ts'
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
  announce,
  announceAgain,
  nextRoundAt,
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
