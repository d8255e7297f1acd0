import { setTimeout as pause } from 'node:timers/promises'
import { longestGapMs, type Span } from '../../lab/client/gaps.ts'
import { startWitness, type Testimony } from '../../lab/client/witness.ts'
import { ownerChanges, twoAnswerersMs } from '../../lab/wire/answerers.ts'
import type { Figures } from './figures.ts'
import type { Scenario } from './scenarios.ts'
import { mended, settled, type Stage } from './stage.ts'

/** Before anything happens, so that the first success and answer are there. */
const LEAD_MS = 300
/** After the address has moved, and after all is mended: for what comes back or is said twice. */
const LINGER_MS = 2000

type Times = {
  readonly hit: number
  /** When the mending began; the end when nothing was to be mended. */
  readonly mend: number
  readonly end: number
  readonly owner: string
}

/** One run: from a settled state through the fault, and back. */
export async function runOnce(stage: Stage, scenario: Scenario, figures: Figures): Promise<void> {
  const [address = ''] = stage.addresses
  const owner = (await settled(stage)).get(address) ?? ''
  const witness = await startWitness(stage.lab, {
    ...stage,
    addresses: [address],
    ...(scenario.twoSides ? { other: stage.neighbour } : {}),
  })
  await pause(LEAD_MS)
  const hit = Date.now()
  await scenario.hit(stage, owner)
  await untilMoved(scenario, () =>
    witness.answers(address).some(({ at, mac }) => at > hit && stage.nodeOf(mac) !== owner),
  )
  await pause(LINGER_MS)
  const mend = Date.now()
  if (scenario.mend !== undefined) {
    await scenario.mend(stage, owner)
    await mended(stage)
    await pause(LINGER_MS)
  }
  const seen = await witness.stop()
  note(figures, stage, { name: scenario.name, seen, times: { hit, mend, end: Date.now(), owner } })
}

async function untilMoved({ movesWithinMs = 0 }: Scenario, hasMoved: () => boolean): Promise<void> {
  const deadline = Date.now() + movesWithinMs
  while (Date.now() < deadline && !hasMoved()) await pause(20)
}

type Run = { readonly name: string; readonly seen: Testimony; readonly times: Times }

function note(figures: Figures, stage: Stage, { name, seen, times }: Run): void {
  const { hit, mend, end, owner } = times
  notePhase(figures, stage, { name, seen, span: { from: hit, to: mend } })
  const moved = seen
    .answers(stage.addresses[0] ?? '')
    .find(({ at, mac }) => at > hit && at < mend && stage.nodeOf(mac) !== owner)
  figures.add(`${name}: another node answers after`, 'ms', moved === undefined ? undefined : moved.at - hit)
  if (mend < end - LINGER_MS / 2)
    notePhase(figures, stage, { name: `${name}, mended`, seen, span: { from: mend, to: end } })
}

type Phase = { readonly name: string; readonly seen: Testimony; readonly span: Span }

function notePhase(figures: Figures, { addresses: [address = ''] }: Stage, { name, seen, span }: Phase): void {
  const answers = seen.answers(address)
  const within = ({ at }: { readonly at: number }): boolean => at >= span.from && at < span.to
  const repliedAt = answers.filter(({ gratuitous }) => !gratuitous).map(({ at }) => at)
  figures.add(`${name}: client's longest gap`, 'ms', longestGapMs(seen.client.successAt, span))
  if (seen.other !== undefined) {
    figures.add(`${name}: neighbour's longest gap`, 'ms', longestGapMs(seen.other.successAt, span))
  }
  figures.add(`${name}: new client unanswered for`, 'ms', longestGapMs(repliedAt, span))
  figures.add(`${name}: two answerers`, 'ms', twoAnswerersMs(answers.filter(within)))
  figures.add(`${name}: owner changes`, '', ownerChanges(answers).filter(within).length)
}
