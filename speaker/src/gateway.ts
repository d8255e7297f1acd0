import { formatAddress } from '@steelyard/net'
import type { Clock } from '@steelyard/runtime'
import { defaultGateway } from './decide/default-gateway.ts'
import { lookNowAndThen } from './now-and-then.ts'

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
  let found: ReturnType<Gateway['now']>
  const { stop } = lookNowAndThen({
    everyMs: LOOK_EVERY_MS,
    clock,
    // A machine without the file, or one that may not be read, has no gateway that we could ask.
    look: () => readText(ROUTES).catch(() => undefined),
    onLook: (text = '') => {
      const route = defaultGateway(text)
      const before = JSON.stringify(found)
      found = route === undefined ? undefined : { ip: formatAddress(route.ip), interface: route.interface }
      if (JSON.stringify(found) !== before) onChange()
    },
  })
  return { now: () => found, stop }
}
