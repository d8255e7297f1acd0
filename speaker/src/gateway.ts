import { formatAddress } from '@steelyard/net'
import type { Cancel, Clock } from '@steelyard/runtime'
import { defaultGateway } from './decide/default-gateway.ts'

/** The way out of this node: where two speakers cannot outvote each other, whoever still reaches it goes on. */
export type Gateway = {
  readonly now: () => { readonly ip: string; readonly interface: string } | undefined
  readonly stop: () => void
}

export type GatewayPorts = {
  readonly readText: (path: string) => Promise<string | undefined>
  readonly clock: Clock
  readonly onChange: () => void
}

const ROUTES = '/proc/net/route'
const LOOK_EVERY_MS = 10_000

/** Routes change without a word to us, so they are looked at now and then. */
export function followGateway({ readText, clock, onChange }: GatewayPorts): Gateway {
  const state: { found: ReturnType<Gateway['now']>; cancel: Cancel | undefined; isStopped: boolean } = {
    found: undefined,
    cancel: undefined,
    isStopped: false,
  }
  const look = async (): Promise<void> => {
    // A machine without the file, or one that may not be read, has no gateway that we could ask.
    const text = await readText(ROUTES).catch(() => undefined)
    if (state.isStopped) return
    const route = defaultGateway(text ?? '')
    const before = JSON.stringify(state.found)
    state.found = route === undefined ? undefined : { ip: formatAddress(route.ip), interface: route.interface }
    state.cancel = clock.wakeAt(clock.now() + LOOK_EVERY_MS, () => void look())
    if (JSON.stringify(state.found) !== before) onChange()
  }
  void look()
  return {
    now: () => state.found,
    stop: () => {
      state.isStopped = true
      state.cancel?.()
    },
  }
}
