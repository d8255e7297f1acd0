import { setTimeout as pause } from 'node:timers/promises'
import { loadKubeConfig, realApi, runForLeader } from '@steelyard/kube'
import { systemClock } from '@steelyard/runtime'

/** A program that only stands for election, and says how it goes: `election-replica.ts KUBECONFIG NAMESPACE IDENTITY`. */
const [, , kubeconfig, namespace = '', identity = ''] = process.argv
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const leadership = runForLeader(realApi(await loadKubeConfig({ kubeconfig, env: {} })), {
  namespace,
  name: 'steelyard-controller',
  identity,
  clock: systemClock,
  timeOfDay: () => new Date(),
  random: Math.random,
  log: { debug: () => {}, info: () => {}, warn: () => {} },
})

process.once('SIGTERM', () => void leadership.stop())
const leads = leadership.elected.then(() => 'leads')
say(await Promise.race([leads, pause(1000, 'stands by')]))
say(await Promise.race([leads, leadership.ended]))
say(await leadership.ended)
process.exit()
