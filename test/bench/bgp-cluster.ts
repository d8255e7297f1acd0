import { setTimeout as pause } from 'node:timers/promises'
import type { Service } from '@steelyard/model'
import { addressesOf, PATHS, service } from '../e2e/suites/objects.ts'
import { failedForMs } from '../lab/client/gaps.ts'
import { rollOutSpeakers } from '../lab/install.ts'
import { followKernelRoutes } from './bgp/kernel-routes.ts'
import {
  allPaths,
  allPathsTo,
  allStanding,
  type BgpStage,
  bfdIs,
  onBgpStage,
  pathsTo,
  quiet,
  serveLocally,
  setPeer,
  whenSo,
} from './bgp/stage.ts'
import { cpuSeconds, memory } from './cluster.ts'
import { type Figures, newFigures } from './failover/figures.ts'
import type { BenchResult } from './result.ts'

export type BgpBench = {
  readonly services: number
  readonly writers: number
  /** Of link cuts and of restarts. */
  readonly runs: number
  /** One part by name; all of them when undefined. */
  readonly only?: string | undefined
}

/** Each takes a tenth of a second. */
const SINGLE_RUNS = 30
const LOOK_EVERY_MS = 1
/** 3000 paths are counted by the router's summary, not one by one. */
const COUNT_EVERY_MS = 10
/** Creating a thousand takes 20 s on a quiet machine, a minute on a busy one. */
const MANY_LIMIT_MS = 300_000
/** For what follows an event, and for everything to be at rest before the next. */
const SETTLE_MS = 1500
/** As in the bench `cluster`: all status objects are written by then. */
const REST_MS = 12_000

/** What a router learns and how soon, in the lab, and what a user behind it notices when nodes and speakers fail. */
export async function benchBgp(bench: BgpBench): Promise<readonly BenchResult[]> {
  return onBgpStage(async (stage) => {
    const figures = newFigures()
    for (const [name, part] of Object.entries(PARTS)) {
      if (bench.only === undefined || bench.only === name) await part(stage, figures, bench)
    }
    return figures.results()
  })
}

const PARTS: Readonly<Record<string, (stage: BgpStage, figures: Figures, bench: BgpBench) => Promise<void>>> = {
  'bgp-one': async (stage, figures) => {
    for (let run = 0; run < SINGLE_RUNS; run++) await oneService(stage, figures, run)
  },
  'bgp-many': manyServices,
  'bgp-link-cut': linkCuts,
  'bgp-restart': restarts,
}

export const BGP_NAMES: readonly string[] = Object.keys(PARTS)

/** From the sending of its creation until bgpd has its paths, looked for every millisecond by a line that stays open. */
async function oneService(stage: BgpStage, figures: Figures, run: number): Promise<void> {
  const { lab, router } = stage
  const address = `10.64.1.${run + 1}`
  const kernel = followKernelRoutes(router.machine.namespace)
  const annotations = { 'metallb.io/loadBalancerIPs': address }
  await pause(100)
  const sent = performance.now()
  const creating = lab.api.create(PATHS.services, service('single', {}, { annotations }))
  const answered = creating.then(() => performance.now())
  const known = await whenSo('three paths', async () => (await pathsTo(stage, address)) === 3, LOOK_EVERY_MS)
  const used = async (): Promise<boolean> => kernel.firstSeen(address, 3) !== undefined
  await whenSo('three ways in the kernel', used, COUNT_EVERY_MS)
  figures.add('one Service: sent → three paths in bgpd', 'ms', known - sent)
  figures.add('one Service: creation answered → three paths in bgpd', 'ms', Math.max(0, known - (await answered)))
  figures.add("one Service: sent → three ways in the router's kernel", 'ms', (kernel.firstSeen(address, 3) ?? 0) - sent)
  kernel.stop()
  const removed = performance.now()
  await lab.api.remove(`${PATHS.services}/single`)
  const gone = await whenSo('no path', async () => (await pathsTo(stage, address)) === 0, LOOK_EVERY_MS)
  figures.add('one Service: deletion sent → no path in bgpd', 'ms', gone - removed)
}

async function manyServices(stage: BgpStage, figures: Figures, { services, writers }: BgpBench): Promise<void> {
  const { lab } = stage
  const before = cpuSeconds(lab)
  const names = Array.from({ length: services }, (_, index) => `bench-${index}`)
  const state = { created: Number.POSITIVE_INFINITY }
  const started = performance.now()
  const write = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop())
      await lab.api.create(PATHS.services, service(name))
  }
  const writing = Promise.all(Array.from({ length: writers }, write)).then(() => (state.created = performance.now()))
  const wanted = services * lab.nodes.length
  const [known] = await Promise.all([
    whenSo(`${wanted} paths`, async () => (await allPaths(stage)) === wanted, COUNT_EVERY_MS, MANY_LIMIT_MS),
    writing,
  ])
  figures.add(`${services} Services: creating all of them`, 's', (state.created - started) / 1000)
  figures.add(
    `${services} Services: last of ${wanted} paths after the last creation`,
    's',
    Math.max(0, known - state.created) / 1000,
  )
  const after = cpuSeconds(lab)
  figures.add(`${services} Services: controller CPU`, 's', after.controller - before.controller)
  figures.add(`${services} Services: speaker CPU`, 's', after.speaker - before.speaker)
  const { items } = await lab.api.list<Service>(PATHS.services)
  if (items.filter((item) => addressesOf(item).length > 0).length !== services)
    throw new Error('a Service has no address')
  await pause(REST_MS)
  for (const { name, unit, samples } of memory(lab))
    for (const sample of samples) figures.add(`${services} Services: ${name}`, unit, sample)
  await removeAll(stage)
}

async function removeAll(stage: BgpStage): Promise<void> {
  await stage.lab.kubectl(['delete', 'services', '--all', '--wait=false'])
  await whenSo('no path', async () => (await allPaths(stage)) === 0, COUNT_EVERY_MS)
}

/** BFD of 50 ms and three times on both sides; three equal paths, and connections every 10 ms from behind the router. */
async function linkCuts(stage: BgpStage, figures: Figures, { runs }: BgpBench): Promise<void> {
  const { lab } = stage
  const address = '10.64.2.1'
  await setPeer(stage, { bfdProfile: 'quick' })
  await bfdIs(stage, 'up')
  await serveLocally(stage, 'cut', address)
  for (let run = 0; run < runs; run++) {
    const node = `n${(run % lab.nodes.length) + 1}`
    const knocker = await lab.far().knock(address, 80)
    const kernel = followKernelRoutes(stage.router.machine.namespace)
    await pause(SETTLE_MS)
    await lab.faults.cutLink(node)
    const [cutAt, cutAtNow] = [Date.now(), performance.now()]
    await pause(SETTLE_MS)
    const { failedAt, failures } = await knocker.stop()
    kernel.stop()
    figures.add('BFD, link cut: connections fail for', 'ms', failedForMs(failedAt, cutAt))
    const left = kernel.firstSeen(address, lab.nodes.length - 1)
    figures.add(
      'BFD, link cut: path gone from the kernel after',
      'ms',
      left === undefined ? undefined : left - cutAtNow,
    )
    figures.add('BFD, link cut: connections that fail', '', failures)
    await lab.faults.restoreLink(node)
    await allPathsTo(stage, address)
    await bfdIs(stage, 'up')
    await allStanding(stage)
    await quiet(stage, address)
    tellFailures(`link cut ${run + 1} of ${runs}`, failedAt, cutAt)
  }
  await lab.api.remove(`${PATHS.services}/cut`)
  await stage.router.setBfd(false)
  await setPeer(stage, { bfdProfile: null })
}

/** The router keeps the paths of a speaker that restarts: nobody behind it notices. */
async function restarts(stage: BgpStage, figures: Figures, { runs }: BgpBench): Promise<void> {
  const { lab } = stage
  const address = '10.64.2.2'
  await setPeer(stage, { enableGracefulRestart: true })
  await pause(SETTLE_MS)
  await allStanding(stage)
  await serveLocally(stage, 'restarted', address)
  const failures = async (name: string, hit: () => Promise<void>): Promise<void> => {
    const knocker = await lab.far().knock(address, 80)
    await pause(SETTLE_MS)
    const hitAt = Date.now()
    await hit()
    await allStanding(stage)
    await pause(SETTLE_MS)
    const seen = await knocker.stop()
    figures.add(`graceful restart, ${name}: connections that fail`, '', seen.failures)
    figures.add(`graceful restart, ${name}: connections tried`, '', seen.attempts)
    tellFailures(name, seen.failedAt, hitAt)
  }
  for (let run = 0; run < runs; run++) {
    const pod = lab.programs.speakerOn(`n${(run % lab.nodes.length) + 1}`)
    await failures('speaker killed', async () => {
      lab.programs.kill(pod)
      await lab.waitFor('the speaker to be gone', () => !pod.isReady())
    })
  }
  await failures('all speakers rolled out', () => rollOutSpeakers(lab))
}

/** For whoever watches the bench: a figure that surprises is understood by when connections failed. */
function tellFailures(what: string, failedAt: readonly number[], hitAt: number): void {
  const [first, last] = [Math.min(...failedAt), Math.max(...failedAt)].map((at) => Math.round(at - hitAt))
  const when =
    failedAt.length === 0 ? 'no connection failed' : `${failedAt.length} failed, ${first} to ${last} ms after it`
  console.error(`bgp: ${what}: ${when}`)
}
