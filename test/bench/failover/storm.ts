import { setTimeout as pause } from 'node:timers/promises'
import { seededRandom } from '@steelyard/runtime'
import { longestGapMs, type Span } from '../../lab/client/gaps.ts'
import { startWitness, type Testimony } from '../../lab/client/witness.ts'
import { ownerChanges, twoAnswerersMs } from '../../lab/wire/answerers.ts'
import type { Figures } from './figures.ts'
import { needlessChanges, type Outage } from './owners.ts'
import { settled, type Stage } from './stage.ts'

const RESTARTS = 20
const SEED = 20
/** Between one restart and the next; a speaker needs about a second from its start until it is ready. */
const LEAST_PAUSE_MS = 1500
const MORE_PAUSE_MS = 1500
/** Fifty addresses every 50 ms are a thousand questions a second, as many as the bench can ask without being the load itself. */
const ASK_EVERY_MS = 50
/** At this pace a MAC that is silent for so long has missed six questions. */
const PAUSE_MS = 300
const LINGER_MS = 5000

/** Speakers killed or stopped at random, each started again at once, while all addresses are asked for. */
export async function restartStorm(stage: Stage, figures: Figures, run: number): Promise<void> {
  await settled(stage)
  const witness = await startWitness(stage.lab, { ...stage, everyMs: ASK_EVERY_MS })
  await pause(1000)
  const from = Date.now()
  const outages = await restartAtRandom(stage, seededRandom(SEED + run))
  await pause(LINGER_MS)
  const span = { from, to: Date.now() }
  note(figures, stage, { seen: await witness.stop(), span, outages })
}

async function restartAtRandom({ lab }: Stage, random: () => number): Promise<readonly Outage[]> {
  const outages: Outage[] = []
  for (let count = 0; count < RESTARTS; count++) {
    const { name } = lab.nodes[Math.floor(random() * lab.nodes.length)] ?? { name: '' }
    const inOrder = random() < 0.5
    await lab.waitFor(`the speaker on ${name} to be ready`, () => lab.programs.speakerOn(name).isReady())
    const from = Date.now()
    const pod = lab.programs.speakerOn(name)
    if (inOrder) await lab.programs.stop(pod, { restart: false })
    else lab.programs.kill(pod, { restart: false })
    await lab.waitFor(`the speaker on ${name} to be gone`, () => pod.pid() === undefined, { everyMs: 5 })
    lab.programs.restart(pod)
    await pause(LEAST_PAUSE_MS + random() * MORE_PAUSE_MS)
    outages.push({ node: name, from, to: Date.now() })
  }
  return outages
}

type Storm = { readonly seen: Testimony; readonly span: Span; readonly outages: readonly Outage[] }

function note(figures: Figures, { addresses, nodeOf }: Stage, { seen, span, outages }: Storm): void {
  const byAddress = addresses.map((address) => seen.answers(address))
  const changes = byAddress.map((answers) => ownerChanges(answers, PAUSE_MS))
  const most = (values: readonly number[]): number => Math.max(0, ...values)
  const repliedAt = byAddress.map((answers) => answers.filter(({ gratuitous }) => !gratuitous).map(({ at }) => at))
  figures.add('storm: longest time an address is unanswered', 'ms', most(repliedAt.map((at) => longestGapMs(at, span))))
  figures.add("storm: client's longest gap at one address", 'ms', longestGapMs(seen.client.successAt, span))
  figures.add('storm: owner changes of all addresses', '', changes.flat().length)
  figures.add('storm: of these beyond need', '', needlessChanges(changes.flat(), outages, nodeOf).length)
  figures.add(
    'storm: two answerers, worst address',
    'ms',
    most(byAddress.map((each) => twoAnswerersMs(each, PAUSE_MS))),
  )
}
