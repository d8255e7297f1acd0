import assert from 'node:assert/strict'
import type { KubeObject, Service } from '@steelyard/model'
import { urlHost } from '../../lab/client/client.ts'
import type { Lab } from '../../lab/lab.ts'
import type { Frame } from '../../lab/wire/frame.ts'
import { addressesOf, PATHS } from './objects.ts'

/** A second answerer would be this much later at most: the network is one bridge. */
const LATE_ANSWER_MS = 300

/** Creates a LoadBalancer Service, and waits until it has as many addresses as it should. */
export async function createService(lab: Lab, object: Service, addresses = 1): Promise<readonly string[]> {
  await lab.api.create(PATHS.services, object)
  return waitForAddresses(lab, object.metadata.name, addresses)
}

export async function waitForAddresses(lab: Lab, name: string, count = 1): Promise<readonly string[]> {
  return lab.waitFor(`${count} address(es) for the Service ${name}`, async () => {
    const found = addressesOf(await lab.api.get<Service>(`${PATHS.services}/${name}`))
    return found.length === count && found
  })
}

export async function removeService(lab: Lab, name: string): Promise<void> {
  await lab.api.remove(`${PATHS.services}/${name}`)
}

/** The node that says in the API it answers for the Service; undefined when none, or more than one does. */
export async function statusNode(lab: Lab, name: string): Promise<string | undefined> {
  type L2Status = KubeObject & { status?: { node?: string; serviceName?: string } }
  const { items } = await lab.api.list<L2Status>(PATHS.l2Statuses)
  const mine = items.filter(({ status }) => status?.serviceName === name)
  return mine.length === 1 ? mine[0]?.status?.node : undefined
}

export async function waitForOwner(lab: Lab, name: string): Promise<string> {
  return lab.waitFor(`a node that answers for the Service ${name}`, () => statusNode(lab, name))
}

/** Who answered a client that asked for an address: the MACs of all replies to it, one entry per reply. */
export type Answers = { readonly macs: readonly string[]; readonly frames: readonly Frame[] }

/**
 * Lets the client ask for the address anew, by ARP or NDP, and collects every reply to it, late ones
 * too. What it asks with is a TCP connection, so that nothing but the kernel's own request is seen.
 */
export async function askWho(lab: Lab, address: string, port = 80): Promise<Answers> {
  const capture = await lab.capture('client', 'arp or icmp6')
  await lab.client.forgetNeighbours()
  await lab.client.run(['curl', '-s', '-g', '--max-time', '1', `http://${urlHost(address)}:${port}/`])
  await new Promise((resolve) => setTimeout(resolve, LATE_ANSWER_MS))
  const frames = await capture.stop()
  const replies = frames.filter((frame) => isReplyTo(frame, lab.client.mac, address))
  return { macs: replies.map((frame) => frame.arp?.senderMac ?? frame.ndp?.linkLayer ?? ''), frames: replies }
}

function isReplyTo({ destination, arp, ndp }: Frame, mac: string, address: string): boolean {
  if (destination !== mac) return false
  return (
    (arp?.operation === 'reply' && arp.senderIp === address) ||
    (ndp?.kind === 'advertisement' && ndp.target === address)
  )
}

/** Exactly one node answers for the address, it is the one that its status names, and it is returned. */
export async function assertOneOwner(lab: Lab, name: string, address: string, port = 80): Promise<string> {
  const owner = await waitForOwner(lab, name)
  const { macs } = await askWho(lab, address, port)
  assert.ok(macs.length > 0, `nobody answers for ${address}`)
  assert.deepEqual([...new Set(macs)], [lab.node(owner).mac], `${address}, owned by ${owner}`)
  return owner
}

/** Nobody answers for the address, asked afresh. */
export async function assertSilence(lab: Lab, address: string, port = 80): Promise<void> {
  const { macs } = await askWho(lab, address, port)
  assert.deepEqual(macs, [], `${address} is still answered for`)
}

/** Waits until the client gets an answer through the address. */
export async function waitForAnswer(
  lab: Lab,
  address: string,
  port = 80,
): Promise<{ pod: string; node: string; client: string }> {
  return lab.waitFor(`an answer from ${address}:${port}`, () => lab.client.curl(`http://${urlHost(address)}:${port}/`))
}

/** Event reasons on a Service, oldest first. */
export async function eventReasons(lab: Lab, name: string): Promise<readonly string[]> {
  type Event = KubeObject & { reason?: string; involvedObject?: { kind?: string; name?: string } }
  const { items } = await lab.api.list<Event>('/api/v1/namespaces/default/events')
  return items
    .filter(({ involvedObject }) => involvedObject?.kind === 'Service' && involvedObject.name === name)
    .map(({ reason }) => reason ?? '')
}
