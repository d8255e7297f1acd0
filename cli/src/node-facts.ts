import type { InterfaceFacts, NodeFacts } from './decide/node-check.ts'
import type { Host } from './ports.ts'

const CONF = '/proc/sys/net/ipv4/conf'
const NET = '/sys/class/net'

/** What this machine shows of itself; what cannot be read is left open. */
export async function nodeFacts(host: Host): Promise<NodeFacts> {
  const names = host.list(NET).filter((name) => name !== 'lo')
  const rpFilterAll = setting(host, 'all', 'rp_filter')
  return {
    interfaces: names.map((name) => interfaceFacts(host, name)),
    rpFilterAll,
    arpIgnoreAll: setting(host, 'all', 'arp_ignore'),
    arpAnnounceAll: setting(host, 'all', 'arp_announce'),
    listening: listening(host),
    ruleset: await ruleset(host),
  }
}

function setting(host: Host, name: string, key: string): number | undefined {
  return numberIn(host.readText(`${CONF}/${name}/${key}`))
}

function numberIn(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? '', 10)
  return Number.isNaN(value) ? undefined : value
}

/** By the names that network plugins and kube-proxy give, as config/speaker/exclude-list.yaml has them. */
const OF_PLUGINS =
  /^(veth|cali|lxc|cilium|flannel|cni|kube-|nodelocaldns|docker|virbr|br-|tunl|vxlan|genev|weave|antrea|ovs|wireguard)/

function interfaceFacts(host: Host, name: string): InterfaceFacts {
  const state = host.readText(`${NET}/${name}/operstate`)?.trim()
  const carrier = host.readText(`${NET}/${name}/carrier`)?.trim()
  return {
    name,
    isUp: state === 'up' || (state === 'unknown' && carrier === '1'),
    mtu: numberIn(host.readText(`${NET}/${name}/mtu`)) ?? 0,
    isOfPlugin: OF_PLUGINS.test(name),
    rpFilter: setting(host, name, 'rp_filter'),
    arpIgnore: setting(host, name, 'arp_ignore'),
    arpAnnounce: setting(host, name, 'arp_announce'),
  }
}

/** The states of /proc/net/tcp and /proc/net/udp (include/net/tcp_states.h) in which a socket takes what comes. */
const [LISTEN, UNCONNECTED] = ['0A', '07']

function listening(host: Host): NodeFacts['listening'] {
  const tcp = ports(host, ['tcp', 'tcp6'], LISTEN)
  const udp = ports(host, ['udp', 'udp6'], UNCONNECTED)
  return tcp === undefined || udp === undefined ? undefined : { tcp, udp }
}

function ports(host: Host, tables: readonly string[], state: string): ReadonlySet<number> | undefined {
  const texts = tables.map((name) => host.readText(`/proc/net/${name}`))
  if (texts.every((text) => text === undefined)) return undefined
  const found = texts.flatMap((text = '') =>
    [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ ([0-9A-F]{2})/gm)].flatMap(([, port = '', at]) =>
      at === state ? Number.parseInt(port, 16) : [],
    ),
  )
  return new Set(found)
}

async function ruleset(host: Host): Promise<NodeFacts['ruleset']> {
  const nft = await host.run('nft', 'list', 'ruleset')
  if (nft !== undefined && nft.trim() !== '') return { tool: 'nft', text: nft }
  const iptables = await host.run('iptables-save')
  if (iptables !== undefined) return { tool: 'iptables', text: iptables }
  return nft === undefined ? undefined : { tool: 'nft', text: nft }
}
