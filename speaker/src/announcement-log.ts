import type { EventRecorder } from '@steelyard/kube'
import type { Service } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import type { PlanChanges } from './decide/plan-changes.ts'
import { type Announcement, missingMessage, type Withheld } from './decide/plan.ts'

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
}

/** Says what changed: a line in the log each, and an Event where it matters to the owner of the Service. */
export function tellChanges(changes: PlanChanges, telling: Telling): void {
  for (const { key, announcement, why } of changes.ended) {
    const { reason, message } = why
    telling.log.info(`withdrawn: ${message}`, { event: 'serviceWithdrawn', ...about(key, announcement), reason })
  }
  for (const { key, announcement } of changes.began) tellBegin(key, announcement, telling)
  for (const { key, announcement } of changes.failed) tellFailure(key, announcement, telling)
  for (const { key, why } of changes.explained) {
    const { reason, message } = why
    const say = NEEDS_A_HAND.has(reason) ? telling.log.info : telling.log.debug
    say(`not announced: ${message}`, { service: key, protocol: PROTOCOL, reason })
  }
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
