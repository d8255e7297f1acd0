import type { Logger } from '@steelyard/program'
import type { Clock } from '@steelyard/runtime'
import { type ArpPair, type ArpSettings, IPVS_DEVICE, kernelCondition } from './decide/arp-settings.ts'
import { lookNowAndThen } from './now-and-then.ts'

/** Follows what makes the kernel answer ARP beside the speakers. */
export type ArpWatch = {
  /** As looked at last; undefined before the first look. */
  readonly now: () => ArpSettings | undefined
  /** What is announced on, as the link worker says. */
  readonly onInterfaces: (names: readonly string[]) => void
  readonly stop: () => void
}

export type ArpWatchPorts = {
  readonly readText: (path: string) => Promise<string | undefined>
  readonly clock: Clock
  readonly log: Logger
  readonly onChange: (settings: ArpSettings) => void
}

const CONF = '/proc/sys/net/ipv4/conf'
const LOOK_EVERY_MS = 10_000

type State = ArpWatchPorts & {
  names: readonly string[]
  found: ArpSettings | undefined
  /** Of what was found, to tell another from the same. */
  text: string
  message: string
}

/** The kernel tells nobody of these settings, and kube-proxy may start later than we: they are looked at now and then. */
export function followArpSettings(ports: ArpWatchPorts): ArpWatch {
  const state: State = { ...ports, names: [], found: undefined, text: '', message: '' }
  const { lookNow, stop } = lookNowAndThen({
    everyMs: LOOK_EVERY_MS,
    clock: ports.clock,
    look: () => settingsOf(state.names, ports.readText),
    onLook: (found) => take(state, found),
  })
  return {
    now: () => state.found,
    onInterfaces: (names) => {
      state.names = names
      lookNow()
    },
    stop,
  }
}

function take(state: State, found: ArpSettings): void {
  const text = JSON.stringify([found, [...found.interfaces]])
  if (text === state.text) return
  Object.assign(state, { found, text })
  tell(state, found)
  state.onChange(found)
}

function tell(state: State, settings: ArpSettings): void {
  const { status, reason, message } = kernelCondition(settings)
  if (message === state.message) return
  const isFirst = state.message === ''
  state.message = message
  if (status === 'True') state.log.warn(message, { op: 'arp', reason })
  else if (!isFirst) state.log.info(message, { op: 'arp', reason })
}

async function settingsOf(names: readonly string[], readText: ArpWatchPorts['readText']): Promise<ArpSettings> {
  const pairOf = async (name: string): Promise<ArpPair | undefined> => {
    const valueOf = (key: string): Promise<number | undefined> => numberIn(readText, `${CONF}/${name}/${key}`)
    const [ignore, announce] = await Promise.all([valueOf('arp_ignore'), valueOf('arp_announce')])
    return ignore === undefined || announce === undefined ? undefined : { ignore, announce }
  }
  const [all, ipvs, ...pairs] = await Promise.all([pairOf('all'), pairOf(IPVS_DEVICE), ...names.map(pairOf)])
  const known = names.flatMap((name, at) => {
    const pair = pairs[at]
    return pair === undefined ? [] : [[name, pair] as const]
  })
  return { all, interfaces: new Map(known), hasIpvsDevice: ipvs !== undefined }
}

/** A machine that does not show it, or a device that has just gone: nothing is known then. */
async function numberIn(readText: ArpWatchPorts['readText'], path: string): Promise<number | undefined> {
  const text = await readText(path).catch(() => undefined)
  const value = Number.parseInt(text ?? '', 10)
  return Number.isNaN(value) ? undefined : value
}
