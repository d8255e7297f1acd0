import { ANNOTATIONS, type Service } from '@steelyard/model'
import type { Desired } from './outcome.ts'

/** The object to be stored: status and annotation in one, all else as it is. */
export function storing(service: Service, { addresses, pool }: Desired): Service {
  const { [ANNOTATIONS.allocatedFromPool]: _, ...others } = service.metadata.annotations ?? {}
  const annotations = pool === undefined ? others : { ...others, [ANNOTATIONS.allocatedFromPool]: pool }
  const ingress = addresses.map((ip) => ({ ip }))
  return {
    ...service,
    metadata: { ...service.metadata, annotations },
    status: { ...service.status, loadBalancer: ingress.length === 0 ? {} : { ingress } },
  }
}
