import { startLab, type Lab } from './lab.ts'
import { type Installed, installSteelyard } from './install.ts'
import { LabRunningError } from './journal.ts'
import { MachineError } from './packages.ts'
import { bgpPromptText, playBgpScene } from './story/bgp-scene.ts'
import { FlagError, HELP, readFlags, type StartFlags } from './story/flags.ts'
import { promptText, tellChanges } from './story/live.ts'
import { playScene } from './story/scene.ts'
import { teller, type Teller } from './story/teller.ts'

/** What `npm start` runs: from an empty machine to a Service that answers, told as it goes. */

const BAD_FLAG_STATUS = 2

async function tellStory(flags: StartFlags, tell: Teller): Promise<{ readonly lab: Lab; readonly prompt: string }> {
  const lab = await startLab({ ...flags, routers: flags.bgp ? 1 : 0, endsOnSignal: false, log: tell.step })
  try {
    tellCluster(lab, tell)
    tellInstalled(lab, await installSteelyard(lab), tell)
    const prompt = flags.bgp
      ? bgpPromptText(lab, await playBgpScene(lab, tell))
      : promptText(lab, await playScene(lab, tell))
    return { lab, prompt }
  } catch (error) {
    await lab.stop()
    throw error
  }
}

function tellCluster({ nodes, client, topology, proxyMode }: Lab, tell: Teller): void {
  tell.step(
    `the control plane is up: etcd, kube-apiserver, kube-controller-manager in namespace ${topology.fabric.namespace}`,
  )
  tell.detail(
    `nodes ${nodes.map(({ name, address4 }) => `${name} ${address4}`).join(', ')}, each with kube-proxy (${proxyMode})`,
  )
  tell.detail(`a client on the same LAN at ${client.address4}`)
}

function tellInstalled({ programs }: Lab, { kinds }: Installed, tell: Teller): void {
  const counted = Object.entries(kinds).map(([kind, count]) => (count === 1 ? kind : `${count} × ${kind}`))
  tell.step('config/manifests/steelyard.yaml is applied, and its programs run with its own service accounts:')
  tell.detail(counted.join(', '))
  const places = (program: 'controller' | 'speaker'): string =>
    programs
      .of(program)
      .map(({ node }) => node)
      .join(', ')
  tell.detail(`controller on ${places('controller')}; speakers on ${places('speaker')}`)
}

/** A signal during the start ends the process, and its exit handler the lab; `interrupted` resolves at a signal later. */
function watchSignals(): { readonly started: () => void; readonly interrupted: Promise<void> } {
  const state = { starting: true }
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => (state.starting ? process.exit(130) : resolve()))
    }
  })
  return { started: () => (state.starting = false), interrupted }
}

async function runUntilSignal(
  { lab, prompt }: { lab: Lab; prompt: string },
  tell: Teller,
  interrupted: Promise<void>,
): Promise<void> {
  console.log(`\n${prompt}\n`)
  const changes = tellChanges(lab, tell)
  await interrupted
  tell.step('cleaning up …')
  await changes.stop()
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2))
  if (flags.help) return void process.stdout.write(HELP)
  const tell = teller(console.log, () => performance.now())
  const signals = watchSignals()
  tell.step('Steelyard: a real cluster in network namespaces; nothing else of this machine is touched')
  const story = await tellStory(flags, tell)
  signals.started()
  if (flags.once) tell.step('the client got its answers; cleaning up …')
  else await runUntilSignal(story, tell, signals.interrupted)
  await story.lab.stop()
  tell.step('gone: namespaces, processes and files')
}

try {
  await main()
  process.exit(0)
} catch (error) {
  const isOurs = error instanceof FlagError || error instanceof MachineError || error instanceof LabRunningError
  console.error(`steelyard: ${error instanceof Error ? error.message : String(error)}`)
  if (error instanceof FlagError) console.error('npm start -- --help tells the flags')
  else if (!isOurs && error instanceof Error && process.env['DEBUG'] !== undefined) console.error(error.stack)
  process.exit(error instanceof FlagError ? BAD_FLAG_STATUS : 1)
}
