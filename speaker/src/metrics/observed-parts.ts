import type { Timings } from '@steelyard/metrics'
import type { ArpWatch } from '../arp-settings.ts'
import type { Bgp } from '../bgp/bgp.ts'
import type { Conflicts } from '../conflicts.ts'
import type { Leaving } from '../hand-over.ts'
import type { Peers } from '../peers.ts'
import type { Reconciler } from '../reconcile.ts'
import type { LinkTally } from './link-tally.ts'
import type { AnnouncedServices, SpeakerSource } from './speaker-source.ts'

/** What a speaker measures of itself, as it goes. */
export type Measures = { readonly tally: LinkTally; readonly timings: Timings<'node'> }

type Observed = Measures & {
  readonly bgp: Bgp
  readonly peers: Peers
  readonly leaving: Leaving
  readonly reconciler: Reconciler
  readonly conflicts: Conflicts
  readonly arp: ArpWatch
}

/** The parts of a speaker as its metrics read them. */
export function sourceFor(
  node: string,
  { bgp, peers, leaving, reconciler, conflicts, arp, tally, timings }: Observed,
): SpeakerSource {
  return {
    node,
    announced: { layer2: reconciler.announced, bgp: () => bgp.book.announced },
    slots: bgp.sessions.slots,
    owned: () => leaving.held,
    conflicts: conflicts.count,
    arp: arp.now,
    members: () => peers.members().map(({ status }) => status),
    standing: () => (peers.isOn ? peers.standing() : 'off'),
    config: reconciler.config,
    tally,
    timings,
  }
}

/** All addresses of some Services. */
export function ipsOf(announced: AnnouncedServices): string[] {
  return [...announced.values()].flatMap(({ ips }) => ips)
}
