import type { EventRecorder } from '@steelyard/kube'
import type { Service } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import type { BgpDisagreement, BgpServiceChange } from './decide/bgp/book.ts'
import type { BgpWithheld } from './decide/bgp/scope.ts'
import type { PlanChanges } from './decide/plan-changes.ts'
import { type Announcement, missingMessage } from './decide/plan.ts'
import type { Withheld } from './decide/service-facts.ts'

/** As the contract has it in logs and Events. */
export type Protocol = 'layer2' | 'bgp'

/** What a protocol announces of a Service. */
type Announced = {
  readonly ips: readonly string[]
  readonly interfaces?: Announcement['interfaces']
  readonly peers?: readonly string[]
}

type Refusal = Withheld | BgpWithheld

/** What somebody has to mend, and no node announces meanwhile; the rest is daily life on most nodes of a cluster. */
const NEEDS_A_HAND: ReadonlySet<Refusal['reason']> = new Set([
  'invalidIP',
  'ipNotAllowed',
  'sharedIPWithServiceSelector',
  'conflictingAdvertisements',
])

export type Telling = {
  readonly protocol: Protocol
  readonly node: string
  readonly services: ReadonlyMap<string, Service>
  readonly events: Pick<EventRecorder, 'tell'>
  readonly log: Logger
  /** Whether the API shows a Service as announced by this node already: then it goes on and does not begin. */
  readonly isShown: (serviceKey: string) => boolean
  /** Why this node does not announce a Service. */
  readonly why: (serviceKey: string) => Refusal
}

/** Says what changed on the LAN: a line in the log each, and an Event where it matters to the owner of the Service. */
export function tellChanges(changes: PlanChanges, telling: Telling): void {
  for (const ended of changes.ended) tellEnd(ended, telling)
  for (const { key, announcement } of changes.began) tellBegin(key, announcement, telling)
  for (const { key, announcement } of changes.failed) tellFailure(key, announcement, telling)
  for (const key of changes.moved) tellWithheld(key, telling.why(key), telling)
}

/** Says what changed towards routers. Another set of peers is the API's to show, and no news for the log. */
export function tellBgpChanges(changes: ReadonlyMap<string, BgpServiceChange>, telling: Telling): void {
  for (const [key, { before, now }] of changes) {
    if (before !== undefined && now !== undefined && before.ips.join() === now.ips.join()) continue
    if (before !== undefined) {
      tellEnd(now === undefined ? { key, announcement: before } : { key, announcement: before, next: now }, telling)
    }
    if (now !== undefined) tellBegin(key, now, telling)
  }
}

/** Why a Service is not announced here, where that is new. */
export function tellWithheld(
  service: string,
  { reason, message }: Refusal,
  { log, protocol }: Pick<Telling, 'log' | 'protocol'>,
): void {
  const say = NEEDS_A_HAND.has(reason) ? log.info : log.debug
  say(`not announced: ${message}`, { service, protocol, reason })
}

/** Of two Services on one prefix one does not get its way: somebody has to make them agree. */
export function tellDisagreement({ service, winner, prefix, peer }: BgpDisagreement, log: Logger): void {
  const message = `what ${winner} says of ${prefix} goes to ${peer}, not what this Service says: they share it, and disagree`
  log.warn(message, { service, protocol: 'bgp', reason: 'conflictingAdvertisements' })
}

type End = { readonly key: string; readonly announcement: Announced; readonly next?: Announced }

function tellEnd({ key, announcement, next }: End, { log, why, protocol }: Telling): void {
  const { reason, message } = next === undefined ? why(key) : readdressed(next)
  log.info(`withdrawn: ${message}`, { event: 'serviceWithdrawn', ...about(key, announcement, protocol), reason })
}

function readdressed({ ips }: Announced): Withheld {
  return { reason: 'loadBalancerIPChanged', message: `its addresses are now ${ips.join(', ')}` }
}

type About = { readonly service: string; readonly ips: readonly string[]; readonly protocol: Protocol }

function about(service: string, { ips }: Announced, protocol: Protocol): About {
  return { service, ips, protocol }
}

function tellBegin(key: string, announcement: Announced, telling: Telling): void {
  const { node, services, events, log, isShown, protocol } = telling
  const { ips: _, ...where } = announcement
  log.info('announced', { event: 'serviceAnnounced', ...about(key, announcement, protocol), ...where })
  const service = services.get(key)
  if (service === undefined || isShown(key)) return
  const message = `node ${node} announces ${announcement.ips.join(', ')}, protocol ${protocol}`
  events.tell(service, 'Normal', 'nodeAssigned', message)
}

function tellFailure(key: string, announcement: Announcement, telling: Telling): void {
  const { node, services, events, log, protocol } = telling
  const message = `cannot announce ${announcement.ips.join(', ')}: ${missingMessage(node, announcement.interfaces)}`
  log.warn(message, { ...about(key, announcement, protocol), reason: 'announceFailed' })
  const service = services.get(key)
  if (service !== undefined) events.tell(service, 'Warning', 'announceFailed', message)
}
