import { setTimeout as pause } from 'node:timers/promises'
import type { KubeObject } from '@steelyard/model'
import { l2Advertisement, PATHS, pool, service, speakerPolicy, webPod } from '../../e2e/suites/objects.ts'
import { createService } from '../../e2e/suites/scene.ts'
import type { Client } from '../../lab/client/client.ts'
import { installSteelyard } from '../../lab/install.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import type { LanName } from '../../lab/topology.ts'
import { ownersNow } from './owners.ts'

/** A cluster with addresses on a LAN, and those who watch it from there. */
export type Stage = {
  readonly lab: Lab
  /** The user, who knows where the address is. */
  readonly client: Client
  /** A user elsewhere on the LAN. */
  readonly neighbour: Client
  /** Who asks over and over as if he had just come. */
  readonly asker: Client
  readonly addresses: readonly string[]
  /** The node that has a MAC on this LAN. */
  readonly nodeOf: (mac: string) => string | undefined
}

export type StageOptions = {
  readonly suffix: string
  /** Where the addresses are and those who use them; with the second, nodes have two interfaces. */
  readonly lan?: LanName
  readonly addresses?: number
  /** The spec of a SpeakerPolicy to put in force. */
  readonly policy?: object
}

const SUBNETS: Readonly<Record<LanName, string>> = { first: '192.168.67', second: '192.168.68' }
/** Bursts of gratuitous ARP end 5 s after a move; the rest of a settled state is there long before. */
const QUIET_MS = 1500
const SETTLE_TIMEOUT_MS = 60_000

export async function openStage({ suffix, lan = 'first', addresses = 1, policy }: StageOptions): Promise<Stage> {
  const lab = await startLab({ suffix, form: 'dist', secondLan: lan === 'second' })
  try {
    await installSteelyard(lab)
    if (policy !== undefined) await lab.api.create(PATHS.policies, speakerPolicy(policy))
    const subnet = SUBNETS[lan]
    await lab.api.create(PATHS.pools, pool('bench', [`${subnet}.120-${subnet}.200`]))
    await lab.api.create(PATHS.l2Advertisements, l2Advertisement('bench', { ipAddressPools: ['bench'] }))
    for (const { name } of lab.nodes) await lab.api.create(PATHS.pods, webPod(`web-${name}`, 'web', name))
    const client = lan === 'first' ? lab.client : await lab.addMachine('user', 50, lan)
    const nics = (lan === 'first' ? lab.topology.nodes : lab.topology.second?.nodes) ?? []
    const names = new Map(nics.map(({ mac, name }) => [mac, name]))
    return {
      lab,
      client,
      neighbour: await lab.addMachine('neighbour', 51, lan),
      asker: await lab.addMachine('asker', 52, lan),
      addresses: await createServices(lab, addresses),
      nodeOf: (mac) => names.get(mac),
    }
  } catch (error) {
    await lab.stop()
    throw error
  }
}

/** Opens a stage, and closes it again however `work` ends. */
export async function onStage<T>(options: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await openStage(options)
  try {
    return await work(stage)
  } finally {
    await stage.lab.stop()
  }
}

export async function createServices(lab: Lab, count: number, prefix = 'web'): Promise<readonly string[]> {
  const found: string[] = []
  for (let index = 0; index < count; index++) {
    found.push(...(await createService(lab, service(`${prefix}-${index}`))))
  }
  return found
}

type Slice = KubeObject & {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null
}

/** Every Pod is ready, and every Service's traffic goes to all of them. */
export async function mended({ lab, addresses }: Stage): Promise<void> {
  await lab.waitFor(
    'all Pods and endpoints to be ready',
    async () => {
      if (!lab.programs.pods().every((pod) => pod.isReady())) return false
      const { items } = await lab.api.list<Slice>(PATHS.endpointSlices)
      const ready = items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready)
      // One more for the `kubernetes` Service, whose endpoint is the API server.
      return ready.length === addresses.length * lab.nodes.length + 1
    },
    { timeoutMs: SETTLE_TIMEOUT_MS, everyMs: 200 },
  )
}

/**
 * Waits until everything is mended, each address has been answered for by one node, the same one, for a while, and
 * the client gets through. Gives the owners by address.
 */
export async function settled(stage: Stage): Promise<ReadonlyMap<string, string>> {
  await mended(stage)
  const { lab, client, addresses } = stage
  const owners = await lab.waitFor('one owner for each address, for a while', () => sameOwners(stage), {
    timeoutMs: SETTLE_TIMEOUT_MS,
  })
  await lab.waitFor('the client to get through', () => client.curl(`http://${addresses[0] ?? ''}/`))
  return owners
}

async function sameOwners(stage: Stage): Promise<ReadonlyMap<string, string> | undefined> {
  const before = await ownersNow(stage)
  if (before === undefined) return undefined
  await pause(QUIET_MS)
  const after = await ownersNow(stage)
  return after !== undefined && [...before].every(([address, node]) => after.get(address) === node) ? after : undefined
}
