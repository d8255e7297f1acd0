import type { MessageKind, SessionCounters, SessionView } from '@steelyard/bgp-ts'
import { counter, gauge, type Labels, type Sample, type Series } from '@steelyard/metrics'
import type { BgpPeer } from '@steelyard/model'
import { neighbourAddress, neighbourText } from '../decide/bgp/session-plan.ts'
import type { BfdCounters } from '../link/messages.ts'
import type { SessionSource, SpeakerSource } from './speaker-source.ts'

const BY_PEER = { labels: ['peer', 'vrf'], bound: 'BGPPeers that select this node' }
const BY_WATCHED = { labels: ['peer', 'vrf'], bound: 'BGPPeers with a bfdProfile that select this node' }

/** Of BGP. Two BGPPeers with one neighbour (they differ in their source address) share their series. */
export const BGP_SERIES: readonly Series<SpeakerSource>[] = [
  gauge(
    'metallb_bgp_session_up',
    { help: '1 when the session is established.', ...BY_PEER },
    ofSessions(({ view }) => Number(view?.state === 'established'), Math.min),
  ),
  ofViews(
    'metallb_bgp_announced_prefixes_total',
    'Prefixes that the peer has been told of.',
    ({ announced }) => announced,
  ),
  ofViews(
    'metallb_bgp_pending_prefixes_total',
    'Prefixes that the peer is still to be told of.',
    ({ pending }) => pending,
  ),
  ofViews(
    'steelyard_bgp_unsendable_prefixes',
    'Prefixes that cannot be sent: a family that was not agreed upon, or without a next hop.',
    ({ unsendable }) => unsendable,
  ),
  sent('metallb_bgp_opens_sent', 'OPEN messages sent.', 'open'),
  received('metallb_bgp_opens_received', 'OPEN messages received.', 'open'),
  sent('metallb_bgp_notifications_sent', 'NOTIFICATION messages sent.', 'notification'),
  received('steelyard_bgp_notifications_received_total', 'NOTIFICATION messages received.', 'notification'),
  sent('metallb_bgp_updates_total', 'UPDATE messages sent.', 'update'),
  received('metallb_bgp_updates_total_received', 'UPDATE messages received.', 'update'),
  sent('metallb_bgp_keepalives_sent', 'KEEPALIVE messages sent.', 'keepalive'),
  received('metallb_bgp_keepalives_received', 'KEEPALIVE messages received.', 'keepalive'),
  sent('metallb_bgp_route_refresh_sent', 'ROUTE-REFRESH messages sent.', 'routeRefresh'),
  ofCounters('metallb_bgp_total_sent', 'Messages sent, of all kinds.', (counters) => total(counters.sent)),
  ofCounters('metallb_bgp_total_received', 'Messages received, of all kinds.', (counters) => total(counters.received)),
  ofCounters(
    'steelyard_bgp_malformed_updates_total',
    'UPDATEs that were treated as a withdrawal, or lost an attribute (RFC 7606).',
    ({ malformedUpdates }) => malformedUpdates,
  ),
  counter(
    'steelyard_bgp_sessions_lost_total',
    { help: 'Times that the session was established and was lost, not ended by this speaker.', ...BY_PEER },
    ofSessions(({ view }) => view?.flaps ?? 0),
  ),
]

/** Of BFD; empty while no session is wanted. */
export const BFD_SERIES: readonly Series<SpeakerSource>[] = [
  gauge(
    'metallb_bfd_session_up',
    { help: '1 when the session is up.', ...BY_WATCHED },
    ofWatched(({ bfd }) => Number(bfd?.state === 'up'), Math.min),
  ),
  ofPackets('metallb_bfd_control_packet_input', 'Control packets received.', 'controlReceived'),
  ofPackets('metallb_bfd_control_packet_output', 'Control packets sent.', 'controlSent'),
  ofPackets('metallb_bfd_echo_packet_input', 'Echoes that came back.', 'echoReceived'),
  ofPackets('metallb_bfd_echo_packet_output', 'Echoes sent.', 'echoSent'),
  counter(
    'metallb_bfd_session_up_events',
    { help: 'Times that the session came up.', ...BY_WATCHED },
    ofWatched(({ bfd }) => bfd?.ups ?? 0),
  ),
  counter(
    'metallb_bfd_session_down_events',
    { help: 'Times that the session went down.', ...BY_WATCHED },
    ofWatched(({ bfd }) => bfd?.downs ?? 0),
  ),
  counter(
    'metallb_bfd_zebra_notifications',
    { help: 'Changes of state that BGP was told of.', ...BY_WATCHED },
    ofWatched(({ bfd }) => (bfd?.ups ?? 0) + (bfd?.downs ?? 0)),
  ),
]

type Read = Series<SpeakerSource>['read']
type Combine = (a: number, b: number) => number

function sum(a: number, b: number): number {
  return a + b
}

function ofSessions(valueOf: (slot: SessionSource) => number, combine: Combine = sum): Read {
  return ({ slots }) =>
    combined(slots(), (slot) => ({ labels: sessionLabels(slot.peer), value: valueOf(slot) }), combine)
}

function ofWatched(valueOf: (slot: SessionSource, source: SpeakerSource) => number, combine: Combine = sum): Read {
  return (source) => {
    const watched = source.slots().filter(({ peer }) => peer.bfdProfile !== undefined)
    return combined(watched, (slot) => ({ labels: watchLabels(slot.peer), value: valueOf(slot, source) }), combine)
  }
}

function ofViews(name: string, help: string, valueOf: (view: SessionView) => number): Series<SpeakerSource> {
  return gauge(
    name,
    { help, ...BY_PEER },
    ofSessions(({ view }) => (view === undefined ? 0 : valueOf(view))),
  )
}

function ofCounters(name: string, help: string, valueOf: (counters: SessionCounters) => number): Series<SpeakerSource> {
  return counter(
    name,
    { help, ...BY_PEER },
    ofSessions(({ session }) => (session === undefined ? 0 : valueOf(session.counters()))),
  )
}

function sent(name: string, help: string, kind: MessageKind): Series<SpeakerSource> {
  return ofCounters(name, help, (counters) => counters.sent[kind])
}

function received(name: string, help: string, kind: MessageKind): Series<SpeakerSource> {
  return ofCounters(name, help, (counters) => counters.received[kind])
}

function ofPackets(name: string, help: string, field: Exclude<keyof BfdCounters, 'key'>): Series<SpeakerSource> {
  return counter(
    name,
    { help, ...BY_WATCHED },
    ofWatched((slot, { tally }) => tally.bfd().get(slot.name)?.[field] ?? 0),
  )
}

function total(counts: Readonly<Record<MessageKind, number>>): number {
  return Object.values(counts).reduce(sum, 0)
}

function sessionLabels(peer: BgpPeer): Labels {
  return { peer: neighbourText(peer), vrf: peer.vrf ?? 'default' }
}

function watchLabels(peer: BgpPeer): Labels {
  return { peer: neighbourAddress(peer), vrf: peer.vrf ?? 'default' }
}

/** Prometheus takes each set of labels once only. */
function combined<Item>(items: readonly Item[], sampleOf: (item: Item) => Sample, combine: Combine): readonly Sample[] {
  const samples = new Map<string, Sample>()
  for (const item of items) {
    const sample = sampleOf(item)
    const key = Object.values(sample.labels).join('|')
    const known = samples.get(key)
    samples.set(key, known === undefined ? sample : { ...sample, value: combine(known.value, sample.value) })
  }
  return [...samples.values()]
}
