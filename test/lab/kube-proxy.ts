import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiServer } from './api-server.ts'
import { type Child, startChild } from './child.ts'
import { inNamespace } from './command.ts'
import type { ProxyMode } from './packages.ts'
import { type NodeMachine, POD_RANGES } from './topology.ts'

export type KubeProxyOptions = {
  readonly node: NodeMachine
  readonly mode: ProxyMode
  /** In IPVS mode. */
  readonly strictArp: boolean
  readonly program: string
  readonly minSyncPeriod: string
  readonly server: ApiServer
  readonly token: string
  readonly folder: string
  readonly onStart: (pid: number) => void
}

/** Starts the kube-proxy of one node. The Node object must be there: without it kube-proxy sleeps for half a minute. */
export function startKubeProxy({
  node,
  mode,
  strictArp,
  program,
  minSyncPeriod,
  server,
  token,
  folder,
  onStart,
}: KubeProxyOptions): Child {
  const name = `kube-proxy-${node.name}`
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode,
    hostnameOverride: node.name,
    clientConnection: { kubeconfig: server.writeKubeconfig('kube-proxy', token) },
    clusterCIDR: POD_RANGES,
    detectLocalMode: 'ClusterCIDR',
    iptables: { minSyncPeriod },
    nftables: { minSyncPeriod },
    ipvs: { minSyncPeriod, strictARP: strictArp },
    // A network namespace may not write these sysctls, and 0 means leave them alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  }
  const path = join(folder, `${name}.json`)
  writeFileSync(path, JSON.stringify(config))
  return startChild({
    name,
    command: [...inNamespace(node.namespace), program, `--config=${path}`],
    logFile: join(folder, `${name}.log`),
    onStart,
  })
}
