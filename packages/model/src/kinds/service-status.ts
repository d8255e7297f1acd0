import type { Labels } from '../kubernetes.ts'
import { LABELS } from '../names.ts'
import { found, type Found, problemAt, refused } from '../reading/found.ts'
import { optionalText } from '../reading/scalars.ts'

/** Which Service, announced by which node. */
export type AnnouncedService = {
  readonly node: string
  readonly serviceName: string
  readonly serviceNamespace: string
}

/** The fields that both status kinds share. */
export const announcedServiceFields = {
  node: optionalText,
  serviceName: optionalText,
  serviceNamespace: optionalText,
}

type Status = { readonly [Name in keyof AnnouncedService]: string | undefined }

/** A status object is created before its status is written, and its labels say the same from the start. */
export function announcedService(status: Status, labels: Labels, object: string): Found<AnnouncedService> {
  const node = status.node ?? labels[LABELS.node]
  const serviceName = status.serviceName ?? labels[LABELS.serviceName]
  const serviceNamespace = status.serviceNamespace ?? labels[LABELS.serviceNamespace]
  if (node !== undefined && serviceName !== undefined && serviceNamespace !== undefined) {
    return found({ node, serviceName, serviceNamespace })
  }
  const missing = Object.entries({ node, serviceName, serviceNamespace }).flatMap(([name, value]) =>
    value === undefined ? [name] : [],
  )
  const message = `found no ${missing.join(', ')}, nor a label in its place; accepted: a node and a Service`
  return refused([problemAt({ object, path: 'status' }, message)])
}
