import type { KubeObject, Service } from '@steelyard/model'
import { type Client, urlHost } from '../client/client.ts'
import { type Lab } from '../lab.ts'
import { PRODUCT_NAMESPACE } from '../install.ts'
import type { Capture } from '../wire/capture.ts'
import { describeFrame } from '../wire/describe.ts'
import type { Frame } from '../wire/frame.ts'
import { FIRST_ADDRESS, POOL, SERVICE, WEB } from './example.ts'
import type { Teller } from './teller.ts'

const SERVICE_PATH = '/api/v1/namespaces/default/services/web'
export const L2_STATUS_PATH = `/apis/metallb.io/v1beta1/namespaces/${PRODUCT_NAMESPACE}/servicel2statuses`
/** One try by the client proves little: it asks until each Pod has answered, or this often. */
const MOST_REQUESTS = 40

export type L2Status = KubeObject & {
  readonly status?: {
    readonly node?: string
    readonly serviceName?: string
    readonly serviceNamespace?: string
    readonly interfaces?: readonly { readonly name: string }[]
  }
}

/** The example of the tutorials, from the pool to the answer. @throws Error when any step does not come about */
export async function playScene(lab: Lab, tell: Teller): Promise<{ readonly address: string; readonly owner: string }> {
  await lab.apply(POOL)
  tell.step('a pool of addresses, and leave to announce them on the LAN:')
  tell.detail(POOL)
  await startWeb(lab, tell)
  const capture = await lab.capture('fabric', `arp host ${FIRST_ADDRESS}`)
  const address = await createService(lab, tell)
  const owner = await findOwner(lab, address, tell)
  await askOnNodes(lab, address, tell)
  await askAsClient(lab, address, tell)
  await showWire(lab, { capture, address, owner }, tell)
  return { address, owner }
}

export async function startWeb(lab: Lab, tell: Teller): Promise<void> {
  await lab.apply(WEB)
  const pods = await lab.waitFor('three web Pods to be ready', () => {
    const web = lab.programs.pods().filter(({ name }) => name.startsWith('web-'))
    return web.length === 3 && web.every((pod) => pod.isReady()) && web
  })
  tell.step(`a Deployment: ${pods.map(({ name, node }) => `${name} on ${node}`).join(', ')}`)
}

export async function createService(lab: Lab, tell: Teller): Promise<string> {
  tell.step('a Service of type LoadBalancer:')
  tell.detail(SERVICE)
  await lab.apply(SERVICE)
  const created = performance.now()
  const address = await lab.waitFor(
    'the Service to be given an address',
    async () => (await lab.api.get<Service>(SERVICE_PATH)).status?.loadBalancer?.ingress?.[0]?.ip,
    { everyMs: 5 },
  )
  const ms = Math.ceil(performance.now() - created)
  tell.step(`the controller gave it ${address}, ${ms} ms after kubectl returned`)
  return address
}

/** The one node that says it announces the address. */
async function findOwner(lab: Lab, address: string, tell: Teller): Promise<string> {
  const owner = await lab.waitFor('a speaker to announce it', async () => {
    const { items } = await lab.api.list<L2Status>(L2_STATUS_PATH)
    return items.find(({ status }) => status?.serviceName === 'web')?.status
  })
  const interfaces = (owner.interfaces ?? []).map(({ name }) => name).join(', ')
  tell.step(`the speaker on ${owner.node} announces ${address}${interfaces === '' ? '' : ` on ${interfaces}`}`)
  return owner.node ?? ''
}

async function askAsClient(lab: Lab, address: string, tell: Teller): Promise<void> {
  const url = `http://${urlHost(address)}/`
  await lab.client.forgetNeighbours()
  const answers = await askUntilAll(lab, lab.client, url)
  tell.step(`the client on the LAN (${lab.client.address4}) asks ${url}:`)
  for (const [who, times] of answers) tell.detail(`${String(times).padStart(2)} × ${who}`)
}

/** Asks until each Pod has answered; how often each did. @throws Error when there is no answer */
export async function askUntilAll(lab: Lab, client: Client, url: string): Promise<ReadonlyMap<string, number>> {
  await lab.waitFor(`${client.name} to get an answer`, () => client.curl(url))
  const answers = new Map<string, number>()
  for (let request = 0; request < MOST_REQUESTS && answers.size < 3; request++) {
    const answer = await client.curl(url)
    if (answer === undefined) throw new Error(`curl ${url} on ${client.name} got no answer`)
    answers.set(`${answer.pod} on ${answer.node}`, (answers.get(`${answer.pod} on ${answer.node}`) ?? 0) + 1)
  }
  return answers
}

type Seen = { readonly capture: Capture; readonly address: string; readonly owner: string }

/** What the wire said about the address, and what the client learnt of it. */
async function showWire(lab: Lab, { capture, address, owner }: Seen, tell: Teller): Promise<void> {
  const frames = await capture.stop()
  const names = new Map([lab.client, ...lab.nodes].map(({ mac, name }) => [mac, `${name} (${mac})`]))
  const nameOf = (mac: string): string => (mac === 'ff:ff:ff:ff:ff:ff' ? 'everybody' : (names.get(mac) ?? mac))
  const first = frames[0]?.at ?? 0
  tell.step(`the LAN heard, about ${address}:`)
  for (const frame of chosen(frames, lab.client.mac)) {
    tell.detail(`${(frame.at - first).toFixed(1).padStart(7)} ms  ${describeFrame(frame, nameOf)}`)
  }
  checkAnswerers(lab, { frames, address, owner })
  const learnt = (await lab.client.neighbours()).find((entry) => entry.address === address)?.mac
  tell.step(
    `the client believes ${address} at ${learnt === undefined ? 'nobody' : nameOf(learnt)}; only ${owner} answered`,
  )
}

/** The first announcements, and the client's question with its answer. */
function chosen(frames: readonly Frame[], client: string): readonly Frame[] {
  const gratuitous = frames.filter(({ arp }) => arp?.senderIp === arp?.targetIp).slice(0, 4)
  const asked = frames.filter(({ source, destination }) => source === client || destination === client).slice(0, 4)
  return [...gratuitous, ...asked].sort((a, b) => a.at - b.at)
}

/** @throws Error unless replies for the address came from its owner, and from nobody else */
function checkAnswerers(
  lab: Lab,
  { frames, address, owner }: { readonly frames: readonly Frame[]; readonly address: string; readonly owner: string },
): void {
  const macs = new Set(
    frames.flatMap(({ arp }) => (arp?.senderIp === address && arp.operation === 'reply' ? arp.senderMac : [])),
  )
  const { mac } = lab.node(owner)
  if (macs.size === 1 && macs.has(mac)) return
  throw new Error(
    `ARP replies for ${address} came from ${[...macs].join(', ') || 'nobody'}; the owner ${owner} is at ${mac}`,
  )
}

async function askOnNodes(lab: Lab, address: string, tell: Teller): Promise<void> {
  const rules = lab.proxyMode === 'nftables' ? 'nft list ruleset' : 'iptables-save -t nat'
  tell.step(`through the kube-proxy (${lab.proxyMode}) of each node:`)
  for (const node of lab.nodes) {
    // Until it has written its rules, the question would go out to the LAN and be answered by the owner.
    await lab.waitFor(`kube-proxy on ${node.name} to know ${address}`, async () =>
      (await node.exec(rules)).includes(address),
    )
    const said = await node.exec(['curl', '-sS', '--max-time', '2', `http://${urlHost(address)}/`])
    tell.detail(`${node.name}: ${said.trim()}`)
  }
}
