import { release } from 'node:os'
import type { Condition } from '@steelyard/model'
import type { NodeMachine } from '../topology.ts'
import type { KubeletState } from './state.ts'

/** The API wants every field of it. */
const NO_INFO = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  containerRuntimeVersion: 'processes',
  kubeProxyVersion: '',
}

/** The Node object as a kubelet registers it. */
export function nodeObject({ name, address4, address6, podRange4, podRange6 }: NodeMachine): object {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const resources = { pods: '250', cpu: '8', memory: '16Gi' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': arch },
    },
    spec: { podCIDR: podRange4, podCIDRs: [podRange4, podRange6] },
    status: {
      addresses: [
        { type: 'InternalIP', address: address4 },
        { type: 'InternalIP', address: address6 },
        { type: 'Hostname', address: name },
      ],
      // Honest where others look for a version: no kubelet runs here.
      nodeInfo: {
        ...NO_INFO,
        kubeletVersion: 'steelyard-lab',
        osImage: 'a network namespace',
        kernelVersion: release(),
        architecture: arch,
        operatingSystem: 'linux',
      },
      capacity: resources,
      allocatable: resources,
      conditions: [
        readyCondition('True', 'KubeletReady', 'played by the lab'),
        {
          type: 'NetworkUnavailable',
          status: 'False',
          reason: 'RoutesCreated',
          lastTransitionTime: new Date().toISOString(),
        },
      ],
    },
  }
}

/** Declares a node lost, or well again, as the node lifecycle controller and the kubelet would. */
export async function syncNode({ options, heartbeats, nodes }: KubeletState, name: string): Promise<void> {
  const node = [...nodes.objects.values()].find(({ metadata }) => metadata.name === name)
  if (node === undefined) return
  const lost = heartbeats.isLost(name)
  const conditions = node.status?.conditions ?? []
  const isLostNow = conditions.some(
    ({ type, status, reason }) => type === 'Ready' && status === 'Unknown' && reason === 'NodeStatusUnknown',
  )
  if (lost === isLostNow) return
  options.log(lost ? `node ${name} is out of reach: NotReady` : `node ${name} is back: Ready`)
  const ready = lost
    ? readyCondition('Unknown', 'NodeStatusUnknown', 'the API server has not heard from the node')
    : readyCondition('True', 'KubeletReady', 'played by the lab')
  const others = conditions.filter(({ type }) => type !== 'Ready')
  await options.api.patch(`/api/v1/nodes/${name}/status`, { status: { conditions: [ready, ...others] } })
}

export function readyCondition(status: string, reason: string, message: string): Condition {
  return { type: 'Ready', status, reason, message, lastTransitionTime: new Date().toISOString() }
}
