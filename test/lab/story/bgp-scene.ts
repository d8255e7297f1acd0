import { urlHost } from '../client/client.ts'
import type { Lab } from '../lab.ts'
import type { LabRouter } from '../routing/router.ts'
import { bgpExample, NODES_ASN, ROUTER_ASN } from './bgp-example.ts'
import { askUntilAll, createService, startWeb } from './scene.ts'
import type { Teller } from './teller.ts'

/** From a router that knows nothing to an answer for a user behind it. @throws Error when any step does not come about */
export async function playBgpScene(lab: Lab, tell: Teller): Promise<{ readonly address: string }> {
  const router = await lab.startRouter({ asn: ROUTER_ASN, nodesAsn: NODES_ASN })
  const { address4, namespace } = router.machine
  tell.step(`a router, FRR, at ${address4} (namespace ${namespace}, AS ${ROUTER_ASN}), and behind it a user`)
  const example = bgpExample(address4)
  await lab.apply(example)
  tell.step('a pool of addresses, the router as a peer, and leave to announce them to it:')
  tell.detail(example)
  await sessionsUp(lab, router, tell)
  await startWeb(lab, tell)
  const address = await createService(lab, tell)
  await showPaths(lab, router, address, tell)
  await askFromAfar(lab, address, tell)
  return { address }
}

async function sessionsUp(lab: Lab, router: LabRouter, tell: Teller): Promise<void> {
  const sessions = await lab.waitFor('a session with each node', async () => {
    const all = await router.sessions()
    return all.every(({ state }) => state === 'established') && all
  })
  tell.step(`the router has sessions with ${sessions.map(({ neighbour }) => neighbour).join(', ')}`)
}

async function showPaths(lab: Lab, router: LabRouter, address: string, tell: Teller): Promise<void> {
  const paths = await lab.waitFor(`a path to ${address} by each node`, async () => {
    const found = await router.kernelPaths(`${address}/32`)
    return found.length === lab.nodes.length && found
  })
  const names = new Map(lab.nodes.map((node) => [node.address4, node.name]))
  tell.step(`the router's kernel shares connections to ${address} among ${paths.length} equal paths:`)
  for (const { gateway } of paths) tell.detail(`via ${gateway}, ${names.get(gateway) ?? 'nobody'}`)
}

async function askFromAfar(lab: Lab, address: string, tell: Teller): Promise<void> {
  const far = lab.far()
  const url = `http://${urlHost(address)}/`
  const answers = await askUntilAll(lab, far, url)
  tell.step(`the user behind the router (${far.address4}) asks ${url}:`)
  for (const [who, times] of answers) tell.detail(`${String(times).padStart(2)} × ${who}`)
}

/** What to try, with lines that work as they stand. */
export function bgpPromptText(lab: Lab, { address }: { readonly address: string }): string {
  const kubectl = `${lab.binaries.kubectl} --kubeconfig ${lab.kubeconfig}`
  const { fabric, routing } = lab.topology
  const [router = ''] = (routing?.routers ?? []).map(({ namespace }) => namespace)
  return [
    'The cluster goes on. Try, in another terminal:',
    '',
    `  ${kubectl} -n metallb-system get ipaddresspools,bgppeers,bgpadvertisements,servicebgpstatuses,speakerstatuses`,
    `  ${kubectl} expose deployment web --name=second --port=80 --type=LoadBalancer`,
    '',
    `  ip netns exec ${routing?.far.namespace ?? ''} curl http://${address}/`,
    `  ip -n ${router} route show proto bgp`,
    '',
    `  cut the cable of n2:   ip -n ${fabric.namespace} link set vn2 down`,
    `  and mend it:           ip -n ${fabric.namespace} link set vn2 up`,
    `  empty n2 in order:     ${kubectl} annotate node n2 steelyard.dev/maintenance=true`,
    `  and have it back:      ${kubectl} annotate node n2 steelyard.dev/maintenance-`,
    '',
    `  logs: ${lab.folder}/*.log`,
    '',
    'Any image you deploy is played by a small web server. Ctrl-C ends the cluster and cleans up.',
  ].join('\n')
}
