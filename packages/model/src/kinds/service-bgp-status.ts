import { KINDS } from '../names.ts'
import { found, type Found } from '../reading/found.ts'
import { readStatusObject } from '../reading/objects.ts'
import { text } from '../reading/scalars.ts'
import { fields, optionalList, withDefault } from '../reading/structures.ts'
import { announcedService, type AnnouncedService, announcedServiceFields } from './service-status.ts'

/** To which peers a node announces a Service. Written by that node's speaker. */
export type ServiceBgpStatus = AnnouncedService & {
  /** The object's own name, made by the API server. */
  readonly name: string
  /** Names of BGPPeer objects. */
  readonly peers: readonly string[]
}

const status = withDefault(fields({ ...announcedServiceFields, peers: optionalList(text) }), {})

export function readServiceBgpStatus(object: unknown): Found<ServiceBgpStatus> {
  const read = readStatusObject(KINDS.serviceBgpStatus, object, status)
  if (!read.ok) return read
  const { name, labels } = read.value
  const service = announcedService(read.value.status, labels, `${KINDS.serviceBgpStatus} ${name}`)
  return service.ok ? found({ name, ...service.value, peers: read.value.status.peers }) : service
}
