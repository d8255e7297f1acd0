import { readFileSync } from 'node:fs'
import type { Service } from '@steelyard/model'
import { addressesOf, l2Advertisement, PATHS, pool, service } from '../e2e/suites/objects.ts'
import { installSteelyard } from '../lab/install.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import type { LabPod } from '../lab/programs.ts'
import type { BenchResult } from './result.ts'

/** What is measured on a whole cluster, in the lab. */
export type ClusterBench = { readonly services: number; readonly writers: number }

const REST_MS = 20_000
/** A SpeakerStatus is written 5 s after the last write at the soonest: only then is everything at rest. */
const SETTLE_MS = 12_000
const CLOCK_TICKS_PER_SECOND = 100
const OUR_ACCOUNTS = /"username":"system:serviceaccount:metallb-system:(?:controller|speaker)"/
const READS = /"verb":"(get|list|watch)"/

/**
 * Creates Services from several writers at once and times each from the sending of its creation to
 * the moment its address is seen by a watch; then the programs' cost, what happens at rest, and how
 * soon a killed controller serves again.
 */
export async function benchCluster({ services, writers }: ClusterBench): Promise<readonly BenchResult[]> {
  const lab = await startLab({ suffix: 'bench', form: 'dist', proxyMinSyncPeriod: '1s', log: console.error })
  try {
    await installSteelyard(lab)
    await lab.api.create(PATHS.pools, pool('bench', ['10.64.0.0/16']))
    await lab.api.create(PATHS.l2Advertisements, l2Advertisement('bench', { ipAddressPools: ['bench'] }))
    const idle = cpuSeconds(lab)
    const burst = await createMany(lab, services, writers)
    await pause(SETTLE_MS)
    const after = cpuSeconds(lab)
    return [
      ...burst,
      one('controller CPU for all of them', 's', after.controller - idle.controller),
      one('speaker CPU for all of them', 's', after.speaker - idle.speaker),
      ...memory(lab),
      ...(await atRest(lab)),
      ...(await restart(lab)),
    ]
  } finally {
    await lab.stop()
  }
}

function one(name: string, unit: string, ...samples: readonly number[]): BenchResult {
  return { name, unit, samples }
}

async function createMany(lab: Lab, count: number, writers: number): Promise<readonly BenchResult[]> {
  const sentAt = new Map<string, number>()
  const answeredAt = new Map<string, number>()
  const servedAt = new Map<string, number>()
  const watching = new AbortController()
  const { metadata } = await lab.api.list<Service>(PATHS.services)
  const watch = lab.api.watch<Service>(
    `${PATHS.services}?resourceVersion=${metadata.resourceVersion}`,
    ({ object }) => {
      const { name } = object.metadata
      if (!servedAt.has(name) && addressesOf(object).length > 0) servedAt.set(name, performance.now())
    },
    watching.signal,
  )
  const started = performance.now()
  const names = Array.from({ length: count }, (_, index) => `bench-${index}`)
  const write = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      sentAt.set(name, performance.now())
      await lab.api.create(PATHS.services, service(name))
      answeredAt.set(name, performance.now())
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  const created = performance.now()
  await lab.waitFor(`${count} addresses`, () => [...sentAt.keys()].every((name) => servedAt.has(name)), {
    timeoutMs: 120_000,
  })
  watching.abort()
  await watch.catch(() => {})
  const since = (begin: ReadonlyMap<string, number>): number[] =>
    [...begin].map(([name, at]) => (servedAt.get(name) ?? Number.NaN) - at)
  const last = Math.max(...[...sentAt.keys()].map((name) => servedAt.get(name) ?? 0))
  return [
    one('creation sent → address', 'ms', ...since(sentAt)),
    one('creation answered → address', 'ms', ...since(answeredAt).map((ms) => Math.max(0, ms))),
    one('creating all of them', 's', (created - started) / 1000),
    one('last address after the last creation', 's', Math.max(0, last - created) / 1000),
  ]
}

async function atRest(lab: Lab): Promise<readonly BenchResult[]> {
  const [cpuBefore, writesBefore] = [cpuSeconds(lab), writes(lab)]
  await pause(REST_MS)
  const [cpuAfter, writesAfter] = [cpuSeconds(lab), writes(lab)]
  const percent = (seconds: number): number => (seconds / (REST_MS / 1000)) * 100
  return [
    one('controller CPU at rest', '%', percent(cpuAfter.controller - cpuBefore.controller)),
    one('speaker CPU at rest', '%', percent(cpuAfter.speaker - cpuBefore.speaker)),
    one(`API writes at rest in ${REST_MS / 1000} s`, '', writesAfter - writesBefore),
  ]
}

/** Writes of our own accounts so far, by what they wrote, from the API server's audit log. */
function writes(lab: Lab): number {
  const lines = readFileSync(lab.controlPlane.auditLog, 'utf8').split('\n')
  return lines.filter((line) => OUR_ACCOUNTS.test(line) && !READS.test(line)).length
}

/** Killed with all its Services; a Service created right then has its address after this time. */
async function restart(lab: Lab): Promise<readonly BenchResult[]> {
  const samples: number[] = []
  for (let run = 0; run < 3; run++) {
    lab.programs.kill(controller(lab), { restart: false })
    await lab.waitFor('the controller to be gone', () => controller(lab).pid() === undefined)
    const name = `restart-${run}`
    await lab.api.create(PATHS.services, service(name))
    const started = performance.now()
    lab.programs.restart(controller(lab))
    await lab.waitFor(
      'an address',
      async () => addressesOf(await lab.api.get<Service>(`${PATHS.services}/${name}`)).length > 0,
      { everyMs: 10, timeoutMs: 60_000 },
    )
    samples.push(performance.now() - started)
  }
  return [one('killed controller started again → next address', 'ms', ...samples)]
}

function controller(lab: Lab): LabPod {
  const [pod] = lab.programs.of('controller')
  if (pod === undefined) throw new Error('no controller runs')
  return pod
}

type Cost = { readonly controller: number; readonly speaker: number }

/** User and system time so far; of the speakers the mean. */
export function cpuSeconds(lab: Lab): Cost {
  const speakers = lab.programs.of('speaker').map(cpuOf)
  return { controller: cpuOf(controller(lab)), speaker: mean(speakers) }
}

/** User and system time so far, in seconds. */
export function cpuOf(pod: LabPod): number {
  // proc(5): the name in parentheses may hold blanks; after it, utime and stime are the 12th and 13th field.
  const fields =
    readFileSync(`/proc/${pod.pid() ?? 0}/stat`, 'utf8')
      .split(') ')
      .at(-1)
      ?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND
}

export function memory(lab: Lab): readonly BenchResult[] {
  return [
    one('controller memory (RSS)', 'MiB', rssOf(controller(lab))),
    one('speaker memory (RSS)', 'MiB', ...lab.programs.of('speaker').map(rssOf)),
  ]
}

function rssOf(pod: LabPod): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pod.pid() ?? 0}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
