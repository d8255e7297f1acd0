import type { LinkFact } from './link/messages.ts'
import type { Hearing } from './peers.ts'
import type { SpeakerPorts } from './ports.ts'
import type { Conflicts } from './conflicts.ts'
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
}

/** Hears what the link worker tells. */
export function watchLinks({ link, log }: SpeakerPorts, listener: LinksListener): Links {
  const linkLog = log.from('link')
  const ready = Promise.withResolvers<void>()
  const state = { isReady: false }
  link.onFact((fact) => {
    if (fact.kind === 'ready') {
      state.isReady = true
      ready.resolve()
    } else hear(fact, listener, linkLog)
  })
  return { ready: ready.promise, isReady: () => state.isReady }
}

type Log = ReturnType<SpeakerPorts['log']['from']>

function hear(fact: LinkFact, { peers, reconciler, report, conflicts }: LinksListener, log: Log): void {
  switch (fact.kind) {
    case 'interfaces': {
      const { interfaces, impaired, macs } = fact
      log.info('interfaces to announce on', { interfaces, impaired })
      return reconciler.onLinks({ usable: new Set(interfaces.map(({ name }) => name)), impaired, macs })
    }
    case 'members':
      return peers.onMembers(fact)
    case 'record':
      return peers.onRecord(fact.node, fact.record)
    case 'silenced':
      log.info('silent at once: another speaker has a better claim', { ips: fact.ips })
      return reconciler.onWorld()
    case 'fault': {
      const { message, call, errno, interface: name, times } = fact
      return log.warn(message, { op: call, reason: errno, interface: name, times })
    }
    case 'conflict':
    case 'conflictEnded':
      return conflicts.hear(fact)
    case 'memberCounters':
      return report.onDrops(fact.dropped)
    default:
      return undefined
  }
}
