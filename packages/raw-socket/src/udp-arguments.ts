import type { Address } from '@steelyard/net'
import {
  checkAddress,
  checkBoolean,
  checkBytes,
  checkDevice,
  checkInteger,
  IFINDEX_BOUNDS,
  PORT_BOUNDS,
  TRAFFIC_CLASS_BOUNDS,
  TTL_BOUNDS,
} from './checks.ts'
import type { UdpOptions } from './transport-io.ts'

export type UdpArguments = {
  readonly address: Address
  readonly port: number
  readonly ttl: number
  readonly trafficClass: number
  /** 0: none. */
  readonly ifindex: number
  readonly device: Uint8Array | undefined
  readonly shared: boolean
}

/** Checks the options of `openUdp`, wherever it is opened. */
export function checkUdpOptions(options: UdpOptions): UdpArguments {
  return {
    address: checkAddress('address', options.address),
    port: checkInteger('port', options.port, PORT_BOUNDS),
    ttl: checkInteger('ttl', options.ttl, TTL_BOUNDS),
    trafficClass: checkInteger('trafficClass', options.trafficClass ?? 0, TRAFFIC_CLASS_BOUNDS),
    ifindex: options.ifindex === undefined ? 0 : checkInteger('ifindex', options.ifindex, IFINDEX_BOUNDS),
    device: options.device === undefined ? undefined : checkDevice('device', options.device),
    shared: checkBoolean('shared', options.shared ?? false),
  }
}

/** What one IPv4 packet holds beside its headers. */
const MOST_BYTES = 65507

export function checkDatagram(bytes: Uint8Array): Uint8Array {
  return checkBytes('bytes', bytes, [0, MOST_BYTES])
}
