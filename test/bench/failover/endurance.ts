import { setTimeout as pause } from 'node:timers/promises'
import { longestGapMs } from '../../lab/client/gaps.ts'
import { startWitness } from '../../lab/client/witness.ts'
import { ownerChanges, twoAnswerersMs } from '../../lab/wire/answerers.ts'
import { cpuOf } from '../cluster.ts'
import type { Figures } from './figures.ts'
import { beyondIdeal, ownersNow } from './owners.ts'
import { createServices, settled, type Stage } from './stage.ts'

const SATURATED_MS = 60_000
const API_AWAY_MS = 60_000
/** With the API away for this long, the owner's cable is cut. */
const CUT_AFTER_MS = 5000
const REST_MS = 30_000
const LEAD_MS = 300
const AFTER_JOINING_MS = 5000
/** The heartbeats: UDP between the nodes, and Ethernet frames of the first EtherType for local experiments (IEEE 802). */
const HEARTBEATS = 'udp port 7946 or ether proto 0x88b5'

/** Every core busy: nobody may be taken for dead. */
export async function saturation(stage: Stage, figures: Figures): Promise<void> {
  await settled(stage)
  const witness = await startWitness(stage.lab, stage)
  await pause(LEAD_MS)
  const from = Date.now()
  await stage.lab.faults.saturate()
  try {
    await pause(SATURATED_MS)
  } finally {
    await stage.lab.faults.relieve()
  }
  const span = { from, to: Date.now() }
  const seen = await witness.stop()
  const answers = stage.addresses.map((address) => seen.answers(address))
  figures.add('saturation: owner changes', '', answers.flatMap((each) => ownerChanges(each)).length)
  figures.add(
    'saturation: two answerers, worst address',
    'ms',
    Math.max(...answers.map((each) => twoAnswerersMs(each))),
  )
  figures.add("saturation: client's longest gap", 'ms', longestGapMs(seen.client.successAt, span))
}

/** The API server is away, and the owner's cable is cut meanwhile. */
export async function apiAway(stage: Stage, figures: Figures): Promise<void> {
  const { lab } = stage
  const [address = ''] = stage.addresses
  const owner = (await settled(stage)).get(address) ?? ''
  const witness = await startWitness(lab, stage)
  const began = Date.now()
  await lab.faults.stopApiServer()
  await pause(CUT_AFTER_MS)
  const from = Date.now()
  await lab.faults.cutLink(owner)
  await pause(Math.max(0, API_AWAY_MS - (Date.now() - began)))
  const span = { from, to: Date.now() }
  // The cable first: the API server counts as back once every kube-proxy has reached it.
  await lab.faults.restoreLink(owner)
  await lab.faults.startApiServer()
  const seen = await witness.stop()
  figures.add("api-away: client's longest gap", 'ms', longestGapMs(seen.client.successAt, span))
  const moved = seen.answers(address).find(({ at, mac }) => at > from && at < span.to && stage.nodeOf(mac) !== owner)
  figures.add('api-away: another node answers after', 'ms', moved === undefined ? undefined : moved.at - from)
}

/** How evenly three nodes share; how evenly two do once one is gone; what moves when it is back, and what it is given then. */
export async function balance(stage: Stage, figures: Figures): Promise<void> {
  const { lab } = stage
  const [last = ''] = lab.nodes.map(({ name }) => name).slice(-1)
  const add = (what: string, owners: ReadonlyMap<string, string>, nodes: number): void =>
    figures.add(`balance: ${what}: most loaded, beyond an even share`, '', beyondIdeal(owners, nodes))
  add('addresses on three nodes', await settled(stage), lab.nodes.length)
  await lab.programs.stop(lab.programs.speakerOn(last), { restart: false })
  const before = await lab.waitFor('two nodes to hold all addresses', async () => {
    const owners = await ownersNow(stage)
    return owners !== undefined && ![...owners.values()].includes(last) && owners
  })
  add('one of the three gone', before, lab.nodes.length - 1)
  lab.programs.restart(lab.programs.speakerOn(last))
  await lab.waitFor(`the speaker on ${last} to be ready`, () => lab.programs.speakerOn(last).isReady())
  await pause(AFTER_JOINING_MS)
  const after = await settled(stage)
  figures.add('balance: moves when it joins', '', changed(before, after))
  const fresh = { ...stage, addresses: await createServices(lab, stage.addresses.length, 'fresh') }
  const owners = await lab.waitFor('an owner for each of the new addresses', () => ownersNow(fresh))
  add('as many new addresses then', new Map([...after, ...owners]), lab.nodes.length)
}

function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  return [...before].filter(([address, node]) => after.get(address) !== node).length
}

/** What it costs to be alive, at rest. */
export async function cost(stage: Stage, figures: Figures): Promise<void> {
  await settled(stage)
  const { lab } = stage
  const speakers = lab.programs.of('speaker')
  const captures = await Promise.all(lab.nodes.map(({ name }) => lab.capture(name, HEARTBEATS)))
  const before = speakers.map(cpuOf)
  const began = performance.now()
  await pause(REST_MS)
  const seconds = (performance.now() - began) / 1000
  for (const [index, pod] of speakers.entries()) {
    figures.add('cost: speaker CPU at rest', '%', ((cpuOf(pod) - (before[index] ?? 0)) / seconds) * 100)
  }
  for (const [index, capture] of captures.entries()) {
    const frames = await capture.stop()
    const sent = frames.filter(({ source }) => source === lab.nodes[index]?.mac)
    const bytes = sent.reduce((sum, frame) => sum + frame.bytes.length, 0)
    figures.add('cost: heartbeat frames that a node sends', 'frames/s', sent.length / seconds)
    figures.add('cost: heartbeat bytes that a node sends', 'bytes/s', bytes / seconds)
  }
}
