import { readFile } from 'node:fs/promises'
import { loadKubeConfig, observeApi, realApi } from '@steelyard/kube'
import {
  createLogger,
  errorText,
  type Logger,
  preferSmallHeap,
  refuseStart,
  startHealth,
  stopOnSignal,
  usage,
} from '@steelyard/program'
import { kernelIo } from '@steelyard/raw-socket'
import { systemClock } from '@steelyard/runtime'
import { tcpBgp } from './bgp/tcp-bgp.ts'
import { readSettings, SPEAKER_FLAGS, type SpeakerSettings } from './flags.ts'
import { type LinkOptions, startLink } from './link/start-link.ts'
import { startSpeakerMetrics } from './metrics/start-speaker-metrics.ts'
import type { SpeakerOptions } from './options.ts'
import { type Speaker, startSpeaker } from './speaker.ts'
import { stateFiles } from './state-files.ts'

/** Where a kubelet on the same node asks; nobody else has to. */
const HEALTH_HOST = '127.0.0.1'

/** Beside what routers are given to turn to other nodes. The Pod's grace is 2 seconds by default; what is over then is over. */
const GRACE_MS = 1500

async function main(): Promise<void> {
  preferSmallHeap()
  const read = readSettings({ args: process.argv.slice(2), env: process.env })
  if (read.kind === 'help') return void process.stdout.write(usage('speaker', SPEAKER_FLAGS))
  if (read.kind === 'refused') return refuseStart('speaker', read.problems, usage('speaker', SPEAKER_FLAGS))
  const { values, warnings } = read.settings
  const log = createLogger({ level: values['log-level'], caller: 'main' })
  for (const warning of warnings) log.warn(warning)
  try {
    await run(read.settings, log)
  } catch (error) {
    // What cannot be had at the start: credentials, the probe's port.
    log.error(`cannot start: ${errorText(error)}`, { op: 'start' })
    process.exit(1)
  }
}

async function run(settings: SpeakerSettings, log: Logger): Promise<void> {
  const { values, options } = settings
  const credentials = await loadKubeConfig({ kubeconfig: values.kubeconfig, env: process.env })
  const { api, observations } = observeApi(realApi(credentials), systemClock)
  log.info('speaker starts', { node: options.node, namespace: options.namespace, server: credentials.source })
  // The probes first: a port that cannot be had must not leave a speaker behind that nobody can see.
  const started: { speaker?: Speaker } = {}
  const port = values['health-probe-port']
  const ready = (): string | undefined => (started.speaker ? started.speaker.unready() : 'starting')
  const health =
    port === 0 ? undefined : await startHealth({ host: HEALTH_HOST, port }, { healthy: () => undefined, ready })
  const observed = (): Speaker['observed'] | undefined => started.speaker?.observed
  const metrics = await startSpeakerMetrics(settings, { api, observations, observed, log })
  const speaker = startSpeaker(
    {
      api,
      link: startLink(memberOf(options)),
      bgp: tcpBgp({ io: kernelIo(), clock: systemClock, random: Math.random, nodeName: options.node }),
      clock: systemClock,
      timeOfDay: () => new Date(),
      random: Math.random,
      log,
      readText: textOfFile,
      stateFiles: values['state-dir'] === '' ? undefined : stateFiles(values['state-dir']),
    },
    options,
  )
  started.speaker = speaker
  stopOnSignal({
    log,
    graceMs: () => GRACE_MS + speaker.leavingMs(),
    stop: async () => {
      await speaker.stop()
      await Promise.all([health?.stop(), metrics?.stop()])
      api.close()
    },
  })
}

function memberOf({ node, membership }: SpeakerOptions): LinkOptions {
  return membership === undefined ? {} : { member: { node, address: membership.bindAddress, port: membership.port } }
}

/** Undefined for a file that is not there; all else that goes wrong is told. */
async function textOfFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

await main()
