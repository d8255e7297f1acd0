/**
 * One BGP session of ours over real TCP, in a process of its own so that it can be in a network namespace, be stopped
 * and be killed. Commands come as JSON lines on stdin, facts go out as JSON lines on stdout.
 */
import { type Session, startSession } from '@steelyard/bgp-ts'
import { type Address, parseAddress } from '@steelyard/net'
import { kernelIo } from '@steelyard/raw-socket'
import { systemClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { hostAddresses } from '../../../speaker/src/bgp/host-addresses.ts'
import { listeners } from '../../../speaker/src/bgp/listener.ts'
import { tcpTransport } from '../../../speaker/src/bgp/tcp-transport.ts'
import { changesOf, type PeerCommand, type PeerFact, type PeerOptions, viewText } from './peer-terms.ts'

const io = kernelIo()
const ports = { io, clock: systemClock, nodeName: 'node-a', hostAddresses: hostAddresses(io) }
const running: { session?: Session } = {}

const say = (fact: PeerFact): void => void process.stdout.write(`${JSON.stringify(fact)}\n`)
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const session = (): Session => running.session ?? assert.fail('not started')

function start({
  config,
  address: peer,
  sourceAddress,
  restarting = false,
  listens = false,
  ...rest
}: PeerOptions): void {
  const target = {
    ...rest,
    address: address(peer),
    port: 179,
    ...(sourceAddress === undefined ? {} : { sourceAddress: address(sourceAddress) }),
  }
  const transport = tcpTransport(target, ports)
  const begun = startSession(
    config,
    { transport, clock: systemClock, random: Math.random, restarting },
    {
      onView: (view) => say({ kind: 'view', view: viewText(view) }),
      onNotification: (which, { code, subcode }, meaning) =>
        say({ kind: 'notification', which, code, subcode, meaning }),
    },
  )
  running.session = begun
  if (!listens) return
  listeners(ports).await({
    ...target,
    onIncoming: (incoming) => begun.accept(incoming),
    onProblem: (why) => say({ kind: 'problem', why }),
  })
}

const ORDERS: { readonly [Do in PeerCommand['do']]: (command: Extract<PeerCommand, { do: Do }>) => void } = {
  start: ({ options }) => start(options),
  announce: (command) => session().change(changesOf(command)),
  withdraw: (command) => session().change(changesOf(command)),
  complete: () => session().complete(),
  retry: () => session().retry(),
  lost: ({ why }) => session().lost(why),
  look: () => say({ kind: 'look', counters: session().counters(), mebibytes: process.memoryUsage().rss / 2 ** 20 }),
  stop: ({ ending }) =>
    void session()
      .stop(ending)
      .then(() => say({ kind: 'stopped' })),
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => {
  const command = JSON.parse(line) as PeerCommand
  ;(ORDERS[command.do] as (given: PeerCommand) => void)(command)
})
commands.on('close', () => process.exit(0))
