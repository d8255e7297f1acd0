import type { ConfigMap } from '@steelyard/model'
import { parseDocument } from 'yaml'

/** How kube-proxy is set up, as far as its ConfigMap shows. */
export type KubeProxy =
  | { readonly kind: 'known'; readonly mode: string; readonly strictArp: boolean }
  | { readonly kind: 'unknown'; readonly why: string }

export function kubeProxyOf(configMaps: readonly ConfigMap[]): KubeProxy {
  const map = configMaps.find(({ metadata }) => metadata.name === 'kube-proxy')
  if (map === undefined) return { kind: 'unknown', why: 'there is no ConfigMap kube-proxy in kube-system' }
  const text = map.data?.['config.conf']
  if (text === undefined) return { kind: 'unknown', why: 'ConfigMap kube-proxy has no key config.conf' }
  const document = parseDocument(text)
  const content: unknown = document.errors.length > 0 ? undefined : document.toJS()
  if (typeof content !== 'object' || content === null) {
    return { kind: 'unknown', why: 'config.conf of ConfigMap kube-proxy is no YAML mapping' }
  }
  const { mode, ipvs } = content as { readonly mode?: unknown; readonly ipvs?: { readonly strictARP?: unknown } | null }
  const name = typeof mode === 'string' && mode !== '' ? mode : 'iptables'
  return { kind: 'known', mode: name, strictArp: ipvs?.strictARP === true }
}

/** Under IPVS each node has every address on an interface of its own, and answers ARP for it unless told not to. */
export function answersForAll(proxy: KubeProxy): boolean {
  return proxy.kind === 'known' && proxy.mode === 'ipvs' && !proxy.strictArp
}
