import { request } from 'node:http'
import { dial } from '../dial.ts'
import { portsOf } from './container.ts'
import { containerOf, type HttpProbe, type Pod } from './pod.ts'

/** From where a Pod is probed: the agent of its node, as a kubelet does. */
export type ProbePlace = { readonly agentSocket: string; readonly podIp: string }

const PROBE_TIMEOUT_MS = 1000
/** Kubernetes' own default. */
const FAILURE_THRESHOLD = 3

export function failureThresholdOf(pod: Pod): number {
  return containerOf(pod).readinessProbe?.failureThreshold ?? FAILURE_THRESHOLD
}

/** A Pod without a readiness probe is ready for good once it listens. */
export function isProbedForGood(pod: Pod): boolean {
  return containerOf(pod).readinessProbe?.httpGet !== undefined
}

/** One probe: the Pod's own, else whether its first TCP port is open. A Pod with neither is ready as soon as it runs. */
export async function probe(pod: Pod, place: ProbePlace): Promise<boolean> {
  const http = containerOf(pod).readinessProbe?.httpGet
  if (http !== undefined) return answersHttp(http, pod, place)
  const [port] = portsOf(pod, 'TCP')
  return port === undefined || isOpen(place, port)
}

async function isOpen({ agentSocket, podIp }: ProbePlace, port: number): Promise<boolean> {
  try {
    const socket = await dial(agentSocket, { host: podIp, port }, PROBE_TIMEOUT_MS)
    socket.destroy()
    return true
  } catch {
    return false
  }
}

/** Any status from 200 to 399 is a yes, as for a kubelet. */
async function answersHttp({ path = '/', port, host }: HttpProbe, pod: Pod, place: ProbePlace): Promise<boolean> {
  try {
    const target = { host: host ?? place.podIp, port: portNumber(port, pod) }
    const socket = await dial(place.agentSocket, target, PROBE_TIMEOUT_MS)
    const status = await new Promise<number>((resolve, reject) => {
      // Without an agent: one given, be it `false`, would open a connection of its own from outside the lab.
      const asking = request({ path, host: target.host, createConnection: () => socket })
      asking.on('response', (answer) => resolve(answer.resume().statusCode ?? 0))
      asking.on('error', reject)
      asking.setTimeout(PROBE_TIMEOUT_MS, () => asking.destroy(new Error('no answer')))
      asking.end()
    }).finally(() => socket.destroy())
    return status >= 200 && status < 400
  } catch {
    return false
  }
}

function portNumber(port: number | string, pod: Pod): number {
  if (typeof port === 'number') return port
  const named = containerOf(pod).ports?.find(({ name }) => name === port)
  if (named === undefined)
    throw new Error(`the probe of ${pod.metadata.name} names the port ${port}, which it does not have`)
  return named.containerPort
}
