import type { ArpWatch } from './arp-settings.ts'
import type { LinkFact } from './link/messages.ts'
import type { Hearing } from './peers.ts'
import type { SpeakerPorts } from './ports.ts'
import type { BgpSessions } from './bgp/sessions.ts'
import type { Conflicts } from './conflicts.ts'
import type { LinkTally } from './metrics/link-tally.ts'
import type { Reconciler } from './reconcile.ts'
import type { Report } from './report.ts'

/** What the link worker tells, on its way to whom it concerns. */
export type Links = {
  readonly ready: Promise<void>
  readonly isReady: () => boolean
}

export type LinksListener = {
  readonly peers: Hearing
  readonly reconciler: Pick<Reconciler, 'onLinks' | 'onWorld'>
  readonly report: Pick<Report, 'onDrops'>
  readonly conflicts: Conflicts
  readonly bgp: Pick<BgpSessions, 'onBfd' | 'onNeighbours' | 'onDevices'>
  readonly tally: Pick<LinkTally, 'hear'>
  readonly arp: Pick<ArpWatch, 'onInterfaces'>
}

/** Hears what the link worker tells. */
export function watchLinks({ link, log }: SpeakerPorts, listener: LinksListener): Links {
  const linkLog = log.from('link')
  const ready = Promise.withResolvers<void>()
  const state = { isReady: false }
  link.onFact((fact) => {
    listener.tally.hear(fact)
    if (fact.kind === 'ready') {
      state.isReady = true
      ready.resolve()
    } else if (!hearOthers(fact, listener)) hearOwn(fact, listener, linkLog)
  })
  return { ready: ready.promise, isReady: () => state.isReady }
}

type Log = ReturnType<SpeakerPorts['log']['from']>

/** What is about other machines. @returns whether it was */
function hearOthers(fact: LinkFact, { peers, report, conflicts, bgp }: LinksListener): boolean {
  if (fact.kind === 'members') peers.onMembers(fact)
  else if (fact.kind === 'record') peers.onRecord(fact.node, fact.record)
  else if (fact.kind === 'conflict' || fact.kind === 'conflictEnded') conflicts.hear(fact)
  else if (fact.kind === 'memberCounters') report.onDrops(fact.dropped)
  else if (fact.kind === 'unreadable') peers.onUnreadable(fact.node)
  else if (fact.kind === 'bfd') bgp.onBfd(fact.sessions)
  else if (fact.kind === 'linkNeighbours') bgp.onNeighbours(fact.neighbours)
  else if (fact.kind === 'devices') bgp.onDevices(fact.devices)
  else return false
  return true
}

/** What is about this node. What is left out shows in `interfaces`, or is for the metrics. */
function hearOwn(fact: LinkFact, { reconciler, arp }: LinksListener, log: Log): void {
  if (fact.kind === 'interfaces') {
    const { interfaces, impaired, macs } = fact
    log.info('interfaces to announce on', { interfaces, impaired })
    const names = interfaces.map(({ name }) => name)
    reconciler.onLinks({ usable: new Set(names), impaired, macs })
    arp.onInterfaces(names)
  } else if (fact.kind === 'silenced') {
    if (fact.ips.length > 0) log.info('silent at once: another speaker has a better claim', { ips: fact.ips })
    reconciler.onWorld()
  } else if (fact.kind === 'fault') {
    const { message, call, errno, interface: name, times } = fact
    log.warn(message, { op: call, reason: errno, interface: name, times })
  } else if (fact.kind === 'slice') {
    log.debug('the worker has asked for short slices', { ...fact })
  }
}
