import type { EventRecorder } from '@steelyard/kube'
import type { Service } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import type { PlanChanges } from './decide/plan-changes.ts'
import { type Announcement, missingMessage } from './decide/plan.ts'
import type { Withheld } from './decide/service-facts.ts'

const PROTOCOL = 'layer2'

/** What somebody has to mend, and no node announces meanwhile; the rest is daily life on most nodes of a cluster. */
const NEEDS_A_HAND: ReadonlySet<Withheld['reason']> = new Set([
  'invalidIP',
  'ipNotAllowed',
  'sharedIPWithServiceSelector',
])

export type Telling = {
  readonly node: string
  readonly services: ReadonlyMap<string, Service>
  readonly events: Pick<EventRecorder, 'tell'>
  readonly log: Logger
  /** Whether the API shows a Service as announced by this node already: then it goes on and does not begin. */
  readonly isShown: (serviceKey: string) => boolean
  /** Why this node does not announce a Service. */
  readonly why: (serviceKey: string) => Withheld
}

/** Says what changed: a line in the log each, and an Event where it matters to the owner of the Service. */
export function tellChanges(changes: PlanChanges, telling: Telling): void {
  for (const ended of changes.ended) tellEnd(ended, telling)
  for (const { key, announcement } of changes.began) tellBegin(key, announcement, telling)
  for (const { key, announcement } of changes.failed) tellFailure(key, announcement, telling)
  for (const key of changes.moved) tellWithheld(key, telling.why(key), telling.log)
}

/** Why a Service is not announced here, where that is new. */
export function tellWithheld(service: string, { reason, message }: Withheld, log: Logger): void {
  const say = NEEDS_A_HAND.has(reason) ? log.info : log.debug
  say(`not announced: ${message}`, { service, protocol: PROTOCOL, reason })
}

function tellEnd({ key, announcement, next }: PlanChanges['ended'][number], { log, why }: Telling): void {
  const { reason, message } = next === undefined ? why(key) : readdressed(next)
  log.info(`withdrawn: ${message}`, { event: 'serviceWithdrawn', ...about(key, announcement), reason })
}

function readdressed({ ips }: Announcement): Withheld {
  return { reason: 'loadBalancerIPChanged', message: `its addresses are now ${ips.join(', ')}` }
}

function about(service: string, { ips }: Announcement): { service: string; ips: readonly string[]; protocol: string } {
  return { service, ips, protocol: PROTOCOL }
}

function tellBegin(key: string, announcement: Announcement, { node, services, events, log, isShown }: Telling): void {
  const { interfaces } = announcement
  log.info('announced', { event: 'serviceAnnounced', ...about(key, announcement), interfaces })
  const service = services.get(key)
  if (service === undefined || isShown(key)) return
  const message = `node ${node} announces ${announcement.ips.join(', ')}, protocol ${PROTOCOL}`
  events.tell(service, 'Normal', 'nodeAssigned', message)
}

function tellFailure(key: string, announcement: Announcement, { node, services, events, log }: Telling): void {
  const message = `cannot announce ${announcement.ips.join(', ')}: ${missingMessage(node, announcement.interfaces)}`
  log.warn(message, { ...about(key, announcement), reason: 'announceFailed' })
  const service = services.get(key)
  if (service !== undefined) events.tell(service, 'Warning', 'announceFailed', message)
}
