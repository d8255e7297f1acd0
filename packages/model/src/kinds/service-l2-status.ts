import { KINDS } from '../names.ts'
import { found, type Found } from '../reading/found.ts'
import { readStatusObject } from '../reading/objects.ts'
import { nonEmptyText } from '../reading/scalars.ts'
import { fields, optionalList, withDefault } from '../reading/structures.ts'
import { announcedService, type AnnouncedService, announcedServiceFields } from './service-status.ts'

/** Which node answers for a Service on the LAN. Written by that node's speaker. */
export type ServiceL2Status = AnnouncedService & {
  /** The object's own name, made by the API server. */
  readonly name: string
  /** Empty = all. */
  readonly interfaces: readonly string[]
}

const status = withDefault(
  fields({ ...announcedServiceFields, interfaces: optionalList(fields({ name: nonEmptyText })) }),
  {},
)

export function readServiceL2Status(object: unknown): Found<ServiceL2Status> {
  const read = readStatusObject(KINDS.serviceL2Status, object, status)
  if (!read.ok) return read
  const { name, labels } = read.value
  const service = announcedService(read.value.status, labels, `${KINDS.serviceL2Status} ${name}`)
  if (!service.ok) return service
  return found({ name, ...service.value, interfaces: read.value.status.interfaces.map((entry) => entry.name) })
}
