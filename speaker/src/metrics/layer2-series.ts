import { counter, gauge, one, type Sample, type Series } from '@steelyard/metrics'
import { answeredByKernel, type ArpPair, type ArpSettings } from '../decide/arp-settings.ts'
import type { AddressCounters } from '../link/messages.ts'
import type { SpeakerSource } from './speaker-source.ts'

const BY_IP = { labels: ['ip'], bound: 'addresses that this node announces on the LAN' }

/** Of what is announced, and of frames on the LAN. */
export const LAYER2_SERIES: readonly Series<SpeakerSource>[] = [
  gauge(
    'metallb_speaker_announced',
    {
      help: '1 for each address of a Service that this node announces. protocol: layer2, bgp.',
      labels: ['service', 'protocol', 'node', 'ip'],
      bound: 'addresses of Services that this node announces, once for each protocol',
    },
    (source) => [...announcedBy(source, 'layer2'), ...announcedBy(source, 'bgp')],
  ),
  counter(
    'metallb_layer2_requests_received',
    { help: 'ARP requests and neighbour solicitations for an address of this node.', ...BY_IP },
    (source) => byAddress(source, ({ requests }) => requests),
  ),
  counter('metallb_layer2_responses_sent', { help: 'Answers to them.', ...BY_IP }, (source) =>
    byAddress(source, ({ responses }) => responses),
  ),
  counter(
    'metallb_layer2_gratuitous_sent',
    { help: 'Frames of announcements: two for each ARP round and interface, one for NDP.', ...BY_IP },
    (source) => byAddress(source, ({ gratuitous }) => gratuitous),
  ),
  counter(
    'steelyard_layer2_ignored_total',
    {
      help: 'ARP and NDP frames that got no answer, by reason.',
      labels: ['reason'],
      bound: 'a fixed set of reasons, fewer than 20',
    },
    ({ tally }) => Object.entries(tally.ignored()).map(([reason, value]) => ({ labels: { reason }, value })),
  ),
  gauge(
    'steelyard_address_conflicts',
    { help: 'Addresses of this node that another machine uses now.', bound: '1' },
    (source) => one(source.conflicts()),
  ),
  gauge(
    'steelyard_kernel_answers',
    {
      help: '1 when the kernel of this node answers ARP for every Service, whoever announces it: kube-proxy in IPVS mode without strictARP. Set ipvs.strictARP: true, and restart kube-proxy.',
      bound: '1',
    },
    (source) => arpSamples(source, (settings) => one(Number(answeredByKernel(settings).length > 0))),
  ),
  gauge(
    'steelyard_arp_sysctl',
    {
      help: 'net.ipv4.conf.all.arp_ignore and arp_announce of this node: 1 and 2 with strictARP. name: arp_ignore, arp_announce.',
      labels: ['name'],
      bound: '2 settings',
    },
    (source) => arpSamples(source, ({ all }) => (all === undefined ? [] : sysctlSamples(all))),
  ),
]

function announcedBy({ announced, node }: SpeakerSource, protocol: 'layer2' | 'bgp'): readonly Sample[] {
  const samples: Sample[] = []
  for (const [service, { ips }] of announced[protocol]()) {
    for (const ip of ips) samples.push({ labels: { service, protocol, node, ip }, value: 1 })
  }
  return samples
}

/** Nothing before the settings were looked at. */
function arpSamples({ arp }: SpeakerSource, of: (settings: ArpSettings) => readonly Sample[]): readonly Sample[] {
  const settings = arp()
  return settings === undefined ? [] : of(settings)
}

function sysctlSamples({ ignore, announce }: ArpPair): readonly Sample[] {
  return [
    { labels: { name: 'arp_ignore' }, value: ignore },
    { labels: { name: 'arp_announce' }, value: announce },
  ]
}

function byAddress({ tally }: SpeakerSource, valueOf: (counters: AddressCounters) => number): readonly Sample[] {
  return [...tally.addresses().values()].map((counters) => ({
    labels: { ip: counters.ip },
    value: valueOf(counters),
  }))
}
