import type { EventRecorder } from '@steelyard/kube'
import type { Service } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import type { AddressConflict, ConflictFact } from './link/messages.ts'
import type { Report } from './report.ts'

/** Tells of other machines that use addresses of this node. */
export type Conflicts = { readonly hear: (fact: ConflictFact) => void; readonly count: () => number }

export type ConflictsPorts = {
  readonly node: string
  readonly services: ReadonlyMap<string, Service>
  /** The Services that have an address, as `namespace/name`. */
  readonly servicesOn: (ip: string) => readonly string[]
  readonly events: Pick<EventRecorder, 'tell'>
  readonly report: Pick<Report, 'onConflicts'>
  /** The node that has a MAC, as its speaker says. */
  readonly nodeOf: (mac: string) => string | undefined
  readonly log: Logger
}

type ReportedUse = Parameters<Report['onConflicts']>[0][number]

/** The worker tells each conflict when it is new and then once a minute; what is told here is as seldom. */
export function tellConflicts(ports: ConflictsPorts): Conflicts {
  const known = new Map<string, AddressConflict>()
  return {
    count: () => new Set([...known.values()].map(({ ip }) => ip)).size,
    hear: (fact) => {
      const key = `${fact.ip} ${fact.mac}`
      const isNew = !known.has(key)
      if (fact.kind === 'conflictEnded') known.delete(key)
      else known.set(key, fact)
      tellLog(fact, ports)
      if (fact.kind === 'conflict' && isNew) tellEvents(fact, ports)
      ports.report.onConflicts([...known.values()].map((conflict) => reported(conflict, ports)))
    },
  }
}

function reported({ ip, mac, interface: name, whose }: AddressConflict, { nodeOf }: ConflictsPorts): ReportedUse {
  const ofNode = whose === 'peer' ? nodeOf(mac) : undefined
  return { ip, mac, interface: name, ...(ofNode === undefined ? {} : { ofNode }) }
}

function tellLog(fact: ConflictFact, { log, nodeOf }: ConflictsPorts): void {
  const { ip, mac, interface: name, whose, times } = fact
  const about = { ips: [ip], mac, interface: name, whose, times, reason: 'addressConflict' }
  if (fact.kind === 'conflictEnded') return log.info(`${mac} uses ${ip} no more`, about)
  log.warn(conflictText(fact, nodeOf), { ...about, form: fact.form })
}

function tellEvents(fact: AddressConflict, { node, services, servicesOn, events, nodeOf }: ConflictsPorts): void {
  for (const key of servicesOn(fact.ip)) {
    const service = services.get(key)
    if (service !== undefined)
      events.tell(service, 'Warning', 'addressConflict', `node ${node}: ${conflictText(fact, nodeOf)}`)
  }
}

function conflictText(
  { ip, mac, interface: name, whose, refused }: AddressConflict,
  nodeOf: ConflictsPorts['nodeOf'],
): string {
  const of = nodeOf(mac)
  const peer = of === undefined ? 'the node of another speaker' : `node ${of}`
  const who = whose === 'peer' ? `${peer} (${mac})` : `another machine (${mac})`
  const rest = refused === true ? '; it is not announced there until that one falls silent' : ''
  return `${who} uses ${ip} on ${name}${rest}`
}
