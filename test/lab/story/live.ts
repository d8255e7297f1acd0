import type { Service } from '@steelyard/model'
import { follow } from '../kubelet/follow.ts'
import type { Lab } from '../lab.ts'
import { L2_STATUS_PATH, type L2Status } from './scene.ts'
import type { Teller } from './teller.ts'

/** What to try, with lines that work as they stand. */
export function promptText(lab: Lab, { address, owner }: { readonly address: string; readonly owner: string }): string {
  const kubectl = `${lab.binaries.kubectl} --kubeconfig ${lab.kubeconfig}`
  const { fabric, client } = lab.topology
  return [
    'The cluster goes on. Try, in another terminal:',
    '',
    `  ${kubectl} get nodes,pods,services -A -o wide`,
    `  ${kubectl} -n metallb-system get ipaddresspools,l2advertisements,servicel2statuses,speakerstatuses`,
    `  ${kubectl} expose deployment web --name=second --port=80 --type=LoadBalancer`,
    `  ${kubectl} scale deployment web --replicas=6`,
    '',
    `  ip netns exec ${client.namespace} curl http://${address}/`,
    `  ip netns exec ${client.namespace} ip neighbour`,
    `  ip netns exec ${client.namespace} arping -I eth0 ${address}          (if arping is installed)`,
    '',
    `  cut the cable of ${owner}:   ip -n ${fabric.namespace} link set v${owner} down`,
    `  and mend it:          ip -n ${fabric.namespace} link set v${owner} up`,
    `  empty ${owner} in order:    ${kubectl} annotate node ${owner} steelyard.dev/maintenance=true`,
    `  and have it back:     ${kubectl} annotate node ${owner} steelyard.dev/maintenance-`,
    `  roll out all speakers: ${kubectl} -n metallb-system rollout restart daemonset speaker`,
    '',
    `  logs: ${lab.folder}/*.log`,
    '',
    'Any image you deploy is played by a small web server. Ctrl-C ends the cluster and cleans up.',
  ].join('\n')
}

/** What is said of each Service, by its name with its namespace; undefined when there is nothing to say any more. */
type Words = (name: string, now: string | undefined) => string

/** Tells of addresses given and taken, and of owners that change, until stopped. */
export function tellChanges(lab: Lab, tell: Teller): { readonly stop: () => Promise<void> } {
  const tellAddresses = tellDifferences(tell, (name, now) => `${name} has ${now ?? 'no address any more'}`)
  const tellOwners = tellDifferences(tell, (name, now) => `${name} is announced by ${now ?? 'nobody'}`)
  const services = follow<Service>(lab.api, '/api/v1/services', () =>
    tellAddresses([...services.objects.values()].map((service) => [nameOf(service), addressesOf(service)])),
  )
  const statuses = follow<L2Status>(lab.api, L2_STATUS_PATH, () => tellOwners(ownersOf([...statuses.objects.values()])))
  return { stop: async () => void (await Promise.all([services.stop(), statuses.stop()])) }
}

type Entries = readonly (readonly [name: string, now: string | undefined])[]

/** Of each new picture, tells what differs from the one before. */
function tellDifferences(tell: Teller, words: Words): (entries: Entries) => void {
  const told = new Map<string, string>()
  return (entries) => {
    const present = new Map(entries.flatMap(([name, now]) => (now === undefined ? [] : [[name, now] as const])))
    for (const name of new Set([...told.keys(), ...present.keys()])) {
      const now = present.get(name)
      if (told.get(name) === now) continue
      tell.step(words(name, now))
      if (now === undefined) told.delete(name)
      else told.set(name, now)
    }
  }
}

/** Normally one node each; while two claim a Service, both are told. */
function ownersOf(statuses: readonly L2Status[]): Entries {
  const owners = new Map<string, string[]>()
  for (const { status } of statuses) {
    const name = `${status?.serviceNamespace ?? ''}/${status?.serviceName ?? ''}`
    if (status?.node !== undefined) owners.set(name, [...(owners.get(name) ?? []), status.node])
  }
  return [...owners].map(([name, nodes]) => [name, nodes.toSorted().join(' and ')])
}

function nameOf({ metadata }: Service): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function addressesOf({ status }: Service): string | undefined {
  const addresses = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
  return addresses.length === 0 ? undefined : addresses.join(' and ')
}
