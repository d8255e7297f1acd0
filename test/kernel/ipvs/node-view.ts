import { readFileSync } from 'node:fs'
import type { Condition } from '@steelyard/model'
import { PRODUCT_NAMESPACE } from '../../lab/install.ts'
import type { Lab, LabNode } from '../../lab/lab.ts'

/** What a node's kernel shows of itself, and what its speaker says of it. */

/** The addresses of a device, but for link-local ones. */
export async function addressesOn(node: LabNode, device: string): Promise<readonly string[]> {
  type Link = { readonly addr_info?: readonly { readonly local?: string; readonly scope?: string }[] }
  const links = JSON.parse(await node.exec(['ip', '-json', 'address', 'show', 'dev', device])) as readonly Link[]
  return links.flatMap(({ addr_info = [] }) =>
    addr_info.flatMap(({ local = '', scope }) => (scope === 'link' ? [] : local)),
  )
}

/** `net.ipv4.conf.all`. */
export async function arpSysctls(node: LabNode): Promise<{ readonly ignore: number; readonly announce: number }> {
  const valueOf = async (key: string): Promise<number> =>
    Number(await node.exec(['cat', `/proc/sys/net/ipv4/conf/all/${key}`]))
  return { ignore: await valueOf('arp_ignore'), announce: await valueOf('arp_announce') }
}

type SpeakerStatus = {
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly conflicts?: readonly { readonly ip: string; readonly mac: string; readonly ofNode?: string }[]
  }
}

export async function speakerStatus(lab: Lab, node: string): Promise<NonNullable<SpeakerStatus['status']>> {
  const path = `/apis/steelyard.dev/v1alpha1/namespaces/${PRODUCT_NAMESPACE}/speakerstatuses/${node}`
  return (await lab.api.get<SpeakerStatus>(path)).status ?? {}
}

/** What a speaker says of the kernel beside it. */
export async function kernelCondition(lab: Lab, node: string): Promise<Condition | undefined> {
  const { conditions = [] } = await speakerStatus(lab, node)
  return conditions.find(({ type }) => type === 'KernelAnswers')
}

/** The interfaces that the speaker of a node has announced on since it started, by its log. */
export function announcedOn({ programs }: Lab, node: string): readonly string[] {
  type Line = { readonly msg?: string; readonly interfaces?: readonly { readonly name: string }[] }
  const lines = readFileSync(programs.speakerOn(node).logFile(), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
  const told = lines.filter(({ msg }) => msg === 'interfaces to announce on')
  return [...new Set(told.flatMap(({ interfaces = [] }) => interfaces.map(({ name }) => name)))]
}
