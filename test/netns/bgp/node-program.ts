/**
 * What a node has of BGP and BFD: the link worker, the manager of sessions, and sessions over TCP, joined as the
 * speaker joins them; in a process of its own so that it can be in a network namespace. Commands come as JSON lines on
 * stdin, facts go out as JSON lines on stdout, as with `peer-program.ts`.
 */
import type { Route } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import { createLogger } from '@steelyard/program'
import { kernelIo } from '@steelyard/raw-socket'
import { systemClock } from '@steelyard/runtime'
import { createInterface } from 'node:readline'
import { observedSession } from '../../../speaker/src/bgp/session-news.ts'
import { bgpSessions } from '../../../speaker/src/bgp/sessions.ts'
import { tcpBgp } from '../../../speaker/src/bgp/tcp-bgp.ts'
import { startLink } from '../../../speaker/src/link/start-link.ts'
import { CABLE } from './network.ts'
import { changesOf, type PeerFact, type RouteCommand, viewText } from './peer-terms.ts'

export type NodeCommand =
  | { readonly do: 'serve'; readonly peers: readonly BgpPeer[] }
  | { readonly do: 'complete' }
  | RouteCommand

const link = startLink()
const routes = new Map<string, Route | undefined>()
const say = (fact: PeerFact): void => void process.stdout.write(`${JSON.stringify(fact)}\n`)

const sessions = bgpSessions({
  port: tcpBgp({ io: kernelIo(), clock: systemClock, random: Math.random, nodeName: 'node-a' }),
  clock: systemClock,
  // Its views say what the log would.
  log: createLogger({ level: 'none', caller: 'node' }),
  routesOf: () => routes,
  onView: () => {
    for (const slot of sessions.slots()) {
      // As it is reported: with what ended it, and why there is none.
      say({ kind: 'view', peer: slot.name, view: viewText(observedSession(slot).view) })
      if (slot.bfd !== undefined) say({ kind: 'bfd', peer: slot.name, fact: slot.bfd })
    }
  },
  // Excluded, as the default of excluded interfaces has it for some names: it is an uplink all the same.
  onWantedLinks: () => link.set({ addresses: [], excludeInterfaces: [`^${CABLE}$`], ...sessions.wantedLinks() }),
})

link.onFact((fact) => {
  if (fact.kind === 'bfd') sessions.onBfd(fact.sessions)
  else if (fact.kind === 'linkNeighbours') sessions.onNeighbours(fact.neighbours)
  else if (fact.kind === 'ready') say({ kind: 'ready' })
  else if (fact.kind === 'fault') say({ kind: 'fault', message: fact.message })
  else if (fact.kind === 'devices') sessions.onDevices(fact.devices)
})

function obey(command: NodeCommand): void {
  if (command.do === 'serve') return sessions.setPeers(command.peers, () => true)
  if (command.do === 'complete') return sessions.complete()
  const changes = changesOf(command)
  for (const [prefix, route] of changes) routes.set(prefix, route)
  sessions.change(new Map(sessions.slots().map(({ name }) => [name, changes])))
}

const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => obey(JSON.parse(line) as NodeCommand))
commands.on('close', () => void link.stop().then(() => process.exit(0)))
