/**
 * The link worker and one BGP session with whatever router it finds on the interface `e0`, in a process of its own so
 * that it can be in a network namespace. Lines on stdin: `+PREFIX` announces, `-PREFIX` withdraws; JSON lines on
 * stdout: the states of the session.
 */
import { type Session, startSession } from '@steelyard/bgp-ts'
import { formatAddress, parseAddress, parsePrefix } from '@steelyard/net'
import { kernelIo } from '@steelyard/raw-socket'
import { systemClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { hostAddresses } from '../../../speaker/src/bgp/host-addresses.ts'
import { tcpTransport } from '../../../speaker/src/bgp/tcp-transport.ts'
import type { LinkNeighbour } from '../../../speaker/src/link/messages.ts'
import { startLink } from '../../../speaker/src/link/start-link.ts'

const io = kernelIo()
const ports = { io, clock: systemClock, nodeName: 'node-a', hostAddresses: () => hostAddresses(io) }
const link = startLink()
const running: { session?: Session } = {}

function meet({ address, interface: name, ifindex }: LinkNeighbour): void {
  const target = {
    address: parseAddress(address) ?? assert.fail(address),
    port: 179,
    interface: { name, index: ifindex },
  }
  running.session = startSession(
    {
      localAsn: 64_513,
      peerAsn: { kind: 'external' },
      families: [4, 6],
      extendedNextHop: true,
      holdMs: 9000,
      keepaliveMs: 3000,
      passive: false,
    },
    { transport: tcpTransport(target, ports), clock: systemClock, random: Math.random },
    {
      onView: ({ state, lastError, established }) =>
        void process.stdout.write(
          `${JSON.stringify({ state, lastError, remote: established && formatAddress(established.remoteAddress), extendedNextHop: established?.extendedNextHop })}\n`,
        ),
      onNotification: () => undefined,
    },
  )
  running.session.complete()
}

link.onFact((fact) => {
  const [neighbour] = fact.kind === 'linkNeighbours' ? fact.neighbours : []
  if (neighbour !== undefined && running.session === undefined) meet(neighbour)
})
// Excluded, as the default of excluded interfaces has it for some names: it is an uplink all the same.
link.set({ addresses: [], excludeInterfaces: ['^e0$'], unnumbered: ['e0'] })

function obey(line: string): void {
  const text = line.slice(1)
  const prefix = parsePrefix(text) ?? assert.fail(text)
  const route = { prefix, localPref: 100, communities: [], largeCommunities: [] }
  running.session?.change(new Map([[text, line.startsWith('+') ? route : undefined]]))
}

const commands = createInterface({ input: process.stdin })
commands.on('line', obey)
commands.on('close', () => void link.stop().then(() => process.exit(0)))
