import type { ArpSettings } from '../decide/arp-settings.ts'
import type { MemberStatus, Standing } from '@steelyard/membership'
import type { ConfigStanding } from '@steelyard/kube'
import type { Timings } from '@steelyard/metrics'
import type { PeerSlot } from '../bgp/peer-slot.ts'
import type { LinkTally } from './link-tally.ts'

/** What a speaker's own metrics are read from: its state as it is at the moment. */
export type SpeakerSource = {
  readonly node: string
  /** By Service, the addresses that this node announces. */
  readonly announced: Readonly<Record<'layer2' | 'bgp', () => AnnouncedServices>>
  readonly slots: () => readonly SessionSource[]
  readonly owned: () => number
  readonly conflicts: () => number
  readonly arp: () => ArpSettings | undefined
  readonly members: () => Iterable<MemberStatus>
  readonly standing: () => Standing | 'off'
  readonly config: () => ConfigStanding
  readonly tally: LinkTally
  readonly timings: Timings<'node'>
}

export type AnnouncedServices = ReadonlyMap<string, { readonly ips: readonly string[] }>

/** As much of a BGP session as is told. */
export type SessionSource = Pick<PeerSlot, 'name' | 'peer' | 'view' | 'bfd'> & {
  readonly session: Pick<NonNullable<PeerSlot['session']>, 'counters'> | undefined
}
