import { addressFromBytes, type Address } from '@steelyard/net'

/** The way out of this machine, as proc(5) `/proc/net/route` has it. */
export type DefaultGateway = { readonly ip: Address; readonly interface: string }

const GATEWAY_FLAG = 0x2
const HEX_BYTES = 4

/**
 * The IPv4 default route of the lowest metric that has a gateway; undefined when there is none.
 * @param text of `/proc/net/route`: addresses are hexadecimal in the machine's byte order, which is little endian here
 */
export function defaultGateway(text: string): DefaultGateway | undefined {
  const routes = text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name = '', destination, gateway = '', flags = '', , , metric = ''] = line.trim().split(/\s+/)
      const isDefault = destination === '00000000' && (Number.parseInt(flags, 16) & GATEWAY_FLAG) !== 0
      const ip = isDefault ? littleEndianAddress(gateway) : undefined
      return ip === undefined ? [] : [{ ip, interface: name, metric: Number(metric) }]
    })
    .sort((a, b) => a.metric - b.metric)
  const [best] = routes
  return best === undefined ? undefined : { ip: best.ip, interface: best.interface }
}

function littleEndianAddress(hex: string): Address | undefined {
  if (!/^[0-9A-Fa-f]{8}$/.test(hex)) return undefined
  const bytes = Array.from({ length: HEX_BYTES }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))
  return addressFromBytes(Uint8Array.from(bytes.reverse()))
}
