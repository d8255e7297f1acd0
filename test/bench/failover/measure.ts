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

/** Milliseconds since 1970, and the node that had the address. */
type Times = {
  readonly hit: number
  /** When the mending began; next to the end when nothing was to be mended. */
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
  const end = Date.now()
  note(figures, stage, { name: scenario.name, seen: await witness.stop(), times: { hit, mend, end, owner } })
}

async function untilMoved({ movesWithinMs = 0 }: Scenario, hasMoved: () => boolean): Promise<void> {
  const deadline = Date.now() + movesWithinMs
  while (Date.now() < deadline && !hasMoved()) await pause(20)
}

type Run = { readonly name: string; readonly seen: Testimony; readonly times: Times }

function note(figures: Figures, stage: Stage, { name, seen, times }: Run): void {
  const { hit, mend, end, owner } = times
  tellChanges(stage, { name, seen, times })
  notePhase(figures, stage, { name, seen, span: { from: hit, to: mend } })
  const moved = seen
    .answers(stage.addresses[0] ?? '')
    .find(({ at, mac }) => at > hit && at < mend && stage.nodeOf(mac) !== owner)
  figures.add(`${name}: another node answers after`, 'ms', moved === undefined ? undefined : moved.at - hit)
  if (end - mend < LINGER_MS) return
  notePhase(figures, stage, { name: `${name}, mended`, seen, span: { from: mend, to: end }, anew: true })
}

/** For whoever watches the bench: a figure that surprises is understood by who answered when. */
function tellChanges({ addresses: [address = ''], nodeOf }: Stage, { name, seen, times }: Run): void {
  const changes = ownerChanges(seen.answers(address)).map(
    ({ at, to }) => `${nodeOf(to) ?? to} after ${Math.round(at - times.hit)} ms`,
  )
  const words = [times.owner, ...changes, `(mending began after ${times.mend - times.hit} ms)`]
  console.error(`${name}: owners ${words.join(', ')}`)
}

type Phase = {
  readonly name: string
  readonly seen: Testimony
  readonly span: Span
  /** A gap that lasted already when the span began is counted from there. */
  readonly anew?: boolean
}

function notePhase(figures: Figures, { addresses: [address = ''] }: Stage, { name, seen, span, anew }: Phase): void {
  const answers = seen.answers(address)
  const within = ({ at }: { readonly at: number }): boolean => at >= span.from && at < span.to
  const add = (what: string, unit: string, sample: number): void => figures.add(`${name}: ${what}`, unit, sample)
  const gap = (at: readonly number[]): number => longestGapMs(anew ? at.filter((time) => time >= span.from) : at, span)
  add("client's longest gap", 'ms', gap(seen.client.successAt))
  if (seen.other !== undefined) add("neighbour's longest gap", 'ms', gap(seen.other.successAt))
  const repliedAt = answers.filter(({ gratuitous }) => !gratuitous).map(({ at }) => at)
  add('new client unanswered for', 'ms', gap(repliedAt))
  add('two answerers', 'ms', twoAnswerersMs(answers.filter(within)))
  add('owner changes', '', ownerChanges(answers).filter(within).length)
}
