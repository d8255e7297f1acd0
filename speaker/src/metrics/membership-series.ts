import type { MemberStatus, Standing } from '@steelyard/membership'
import { counter, gauge, histograms, one, type Series, timingSamples } from '@steelyard/metrics'
import type { SpeakerSource } from './speaker-source.ts'

const STATUSES: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left', 'unknown']
const STANDINGS: readonly (Standing | 'off')[] = ['settling', 'settled', 'doubting', 'fenced', 'off']

/** Of addresses that this node has and how they came to it, of the other speakers, and of the threads of this one. */
export const MEMBERSHIP_SERIES: readonly Series<SpeakerSource>[] = [
  gauge('steelyard_owned_addresses', { help: 'Addresses that this node has on the LAN.', bound: '1' }, ({ owned }) =>
    one(owned()),
  ),
  counter(
    'steelyard_address_moves_total',
    {
      help: 'Addresses that came to this node, by cause, as in SpeakerStatus; taken: went to another. ownerLost are failovers.',
      labels: ['cause'],
      bound: '7 causes',
    },
    ({ tally }) => Object.entries(tally.moves()).map(([cause, value]) => ({ labels: { cause }, value })),
  ),
  histograms(
    'steelyard_failover_seconds',
    { help: 'From the first doubt about a node to the claim of an address that it had.', bound: '1' },
    ({ tally }) => [[{}, tally.failovers]],
  ),
  gauge(
    'steelyard_members',
    { help: 'Other speakers, by what is heard of them.', labels: ['status'], bound: '5 statuses' },
    ({ members }) => {
      const all = [...members()]
      return STATUSES.map((status) => ({
        labels: { status },
        value: all.filter((other) => other === status).length,
      }))
    },
  ),
  gauge(
    'steelyard_membership_standing',
    {
      help: '1 for what this speaker is among the others; only one that is settled, or off, answers.',
      labels: ['standing'],
      bound: '5 standings',
    },
    ({ standing }) => {
      const now = standing()
      return STANDINGS.map((name) => ({ labels: { standing: name }, value: Number(name === now) }))
    },
  ),
  counter(
    'steelyard_membership_packets_total',
    { help: 'Packets of membership. direction: sent, received.', labels: ['direction'], bound: '2 directions' },
    ({ tally }) => {
      const counters = tally.members()
      if (counters === undefined) return []
      return (['sent', 'received'] as const).map((direction) => ({ labels: { direction }, value: counters[direction] }))
    },
  ),
  counter(
    'steelyard_membership_dropped_total',
    {
      help: 'Packets of membership that were dropped, by reason.',
      labels: ['reason'],
      bound: 'a fixed set of reasons, fewer than 30',
    },
    ({ tally }) =>
      Object.entries(tally.members()?.dropped ?? {}).map(([reason, value]) => ({ labels: { reason }, value })),
  ),
  gauge(
    'steelyard_link_lag_seconds',
    { help: 'The longest that a frame or a deadline waited for the link worker in the last five minutes.', bound: '1' },
    ({ tally }) => one(tally.lag().worstMs / 1000),
  ),
  counter(
    'steelyard_link_stalls_total',
    { help: 'Seconds in which something waited 50 ms or more for the link worker.', bound: '1' },
    ({ tally }) => one(tally.lag().stalls),
  ),
  histograms(
    'steelyard_reconcile_seconds',
    { help: 'How long a pass over all Services, nodes and claims took.', labels: ['pass'], bound: '1 pass' },
    ({ timings }) => timingSamples(timings),
  ),
  counter(
    'steelyard_config_refusals_total',
    { help: 'Passes over the configuration that refused it.', bound: '1' },
    ({ config }) => one(config().refusals),
  ),
]
