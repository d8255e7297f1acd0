import { EMPTY_RECORD, MEMBERSHIP_DEFAULTS, type AddressClaim } from '@steelyard/membership'
import {
  type EthernetSegment,
  ethernetSegment,
  type LinkIo,
  type MemoryHost,
  memoryHost,
  type MemoryInterface,
  type Plug,
  type UdpIo,
  type Wake,
} from '@steelyard/raw-socket'
import { type FakeClock, fakeClock, type Random, seededRandom } from '@steelyard/runtime'
import { LINK_CONFIG } from './config.ts'
import { type LinkLoop, linkLoop } from './link-loop.ts'
import { address, frameInWords, type Heard, mac } from './memory-lan.ts'
import type { LinkDesired, LinkFact, MembershipDesired } from './messages.ts'
import { fallAsleep, type Sleep, wakeUp } from './turn.ts'

export const MEMBER_PORT = 7946

/** A switch: a port for each node, that can be shut without its node seeing anything of it. */
export type Switch = { readonly port: () => SwitchPort }
export type SwitchPort = { readonly segment: EthernetSegment; isShut: boolean }

export function memorySwitch(clock: FakeClock, random: Random): Switch {
  const ports: (SwitchPort & { readonly plug: Plug })[] = []
  const others = (port: SwitchPort): Plug[] => {
    if (port.isShut) return []
    return ports.filter((other) => other !== port && !other.isShut).map(({ plug }) => plug)
  }
  return {
    port: () => {
      const segment = ethernetSegment({ clock, random, delayMs: 0.1 })
      const plug = segment.plug({
        deliver: (frame) => {
          for (const other of others(port)) other.send(frame)
        },
        // A neighbour table keeps what it knows of a neighbour that falls silent.
        macOf: (wanted) => ports.map((other) => (other === port ? undefined : other.plug.macOf(wanted))).find(Boolean),
      })
      const port = { segment, plug, isShut: false }
      ports.push(port)
      return port
    },
  }
}

/** One node with its link worker, driven together with the others. */
export type MemberNode = {
  readonly name: string
  readonly host: MemoryHost
  readonly eth0: MemoryInterface
  readonly port: SwitchPort
  readonly loop: LinkLoop
  readonly facts: LinkFact[]
  /** Changes what is desired, and keeps the rest. */
  readonly desire: (change: Partial<LinkDesired>, membership?: Partial<MembershipDesired> | 'off') => void
  /** Its process is stopped, or goes on. */
  isFrozen: boolean
}

export type MemberLan = {
  readonly clock: FakeClock
  readonly wires: Switch
  readonly nodes: readonly MemberNode[]
  /** A station of the test's own. */
  readonly client: Plug
  /** ARP and NDP that it heard; beats and datagrams between others are left out. */
  readonly heard: Heard[]
  readonly run: (ms: number) => void
}

export type MemberLanOptions = {
  /** Replaces parts of one node's adapter. */
  readonly change?: (io: LinkIo & UdpIo, node: string) => Partial<LinkIo & UdpIo>
  readonly config?: Partial<MembershipDesired['config']>
  /** Bound to any address, as where datagrams may go another way than over `eth0`: then beats go over it too. */
  readonly bindAny?: boolean
}

/** Nodes `n1`, `n2` … on one switch, who know of each other: `eth0` with 192.0.2.N and fe80::N. */
export function memberLan(count: number, options: MemberLanOptions = {}): MemberLan {
  const clock = fakeClock()
  const random = seededRandom(5)
  const wires = memorySwitch(clock, random)
  const heard: Heard[] = []
  const client = wires.port().segment.plug({
    deliver: (frame) => {
      const text = frameInWords(frame)
      if (/ arp | > .* who has | [S-][O-]$/.test(text)) heard.push({ at: clock.now(), text })
    },
  })
  const names = Array.from({ length: count }, (_, index) => `n${index + 1}`)
  const nodes = names.map((name) => memberNode(name, { names, clock, wires, random, options }))
  const sleeps = new Map(nodes.map((node) => [node, fallAsleep(node.loop)]))
  return { clock, wires, nodes, client, heard, run: (ms) => run({ clock, sleeps }, ms) }
}

type World = {
  readonly names: readonly string[]
  readonly clock: FakeClock
  readonly wires: Switch
  readonly random: Random
  readonly options: MemberLanOptions
}

export const addressOf = (name: string): string => `192.0.2.${name.slice(1)}`

function memberNode(name: string, { names, clock, wires, random, options }: World): MemberNode {
  const host = memoryHost({ clock })
  const port = wires.port()
  const eth0 = host.addInterface({ name: 'eth0', mac: mac(`0${name.slice(1)}`), segment: port.segment })
  eth0.addAddress({ address: address(addressOf(name)), prefixLength: 24 })
  eth0.addAddress({ address: address(`fe80::${name.slice(1)}`), prefixLength: 64, scope: 'link' })
  const facts: LinkFact[] = []
  const inbox: LinkDesired[] = []
  const wake = host.io.openWake()
  const loop = linkLoop({
    io: { ...host.io, ...options.change?.(host.io, name) },
    wake,
    nextDesired: () => inbox.shift(),
    tell: (fact) => void facts.push(fact),
    now: clock.now,
    config: { ...LINK_CONFIG, random, newBoot: () => Uint8Array.from({ length: 16 }, () => random() * 256) },
    self: { node: name, address: address(options.bindAny === true ? '0.0.0.0' : addressOf(name)), port: MEMBER_PORT },
  })
  const desire = desirer({ inbox, wake }, startOf(name, names, options))
  return { name, host, eth0, port, loop, facts, desire, isFrozen: false }
}

function startOf(name: string, names: readonly string[], { config }: MemberLanOptions): MembershipDesired {
  return {
    roster: names.filter((other) => other !== name).map((node) => ({ node, address: addressOf(node) })),
    secrets: [Uint8Array.of(1, 2, 3)],
    record: EMPTY_RECORD,
    config: { ...MEMBERSHIP_DEFAULTS, ...config },
    leaving: false,
  }
}

type Inbox = { readonly inbox: LinkDesired[]; readonly wake: Wake }

function desirer({ inbox, wake }: Inbox, start: MembershipDesired): MemberNode['desire'] {
  let latest: LinkDesired = { addresses: [], excludeInterfaces: [] }
  let membership = start
  return (change, members = {}) => {
    if (members !== 'off') membership = { ...membership, ...members }
    const { membership: _before, ...rest } = { ...latest, ...change }
    latest = members === 'off' ? rest : { ...rest, membership }
    inbox.push(latest)
    wake.wake()
  }
}

type Driven = { readonly clock: FakeClock; readonly sleeps: Map<MemberNode, Sleep> }

/** Lets time pass, each node's loop waking when it would: for what it waits for, or at its deadline. */
function run(driven: Driven, ms: number): void {
  const { clock, sleeps } = driven
  const until = clock.now() + ms
  for (;;) {
    for (const node of sleeps.keys()) if (!node.isFrozen) live(driven, node)
    const deadlines = [...sleeps].flatMap(([node, { deadline }]) => (node.isFrozen ? [] : [deadline]))
    const next = Math.min(until, clock.nextWakeAt() ?? until, ...deadlines)
    if (next >= until && clock.now() >= until) return
    clock.advance(Math.max(next - clock.now(), LEAST_STEP_MS))
  }
}

const LEAST_STEP_MS = 0.01

/** So many turns in a row at one moment; a loop that wants more spins. */
const MOST_TURNS = 50

function live({ clock, sleeps }: Driven, node: MemberNode): void {
  for (let turns = 0; turns < MOST_TURNS; turns++) {
    const sleep = sleeps.get(node) ?? fallAsleep(node.loop)
    const ready = node.loop.world.io.poll([...sleep.takers.keys()], 0)
    if (ready.length === 0 && clock.now() < sleep.deadline) return
    wakeUp(node.loop, sleep, ready)
    sleeps.set(node, fallAsleep(node.loop))
  }
  throw new Error(`the loop of ${node.name} spins`)
}

/** A claim of the first epoch, or as it is told. */
export function claim(ip: string, rest: Partial<AddressClaim> = {}): AddressClaim {
  return { ip, epoch: 1, minority: false, releasing: false, ...rest }
}

/** The facts of one kind that a node told, in order. */
export function toldBy<Kind extends LinkFact['kind']>(
  { facts }: MemberNode,
  kind: Kind,
): Extract<LinkFact, { kind: Kind }>[] {
  return facts.filter((fact): fact is Extract<LinkFact, { kind: Kind }> => fact.kind === kind)
}

/** What a node told last of the others, by name, and of itself as `own`. */
export function statusesOf(node: MemberNode): Record<string, string> {
  const last = toldBy(node, 'members').at(-1)
  const others = (last?.members ?? []).map((member) => [member.node, member.status])
  return { ...Object.fromEntries(others), own: last?.standing ?? 'nothing' }
}
