import type { Address, Family } from '@steelyard/net'
import { checkDevice, checkInteger, nameOf, TRAFFIC_CLASS_BOUNDS, TTL_BOUNDS } from './checks.ts'
import {
  AF_INET,
  AF_INET6,
  IP_MINTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_MINHOPCOUNT,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  SOCK_STREAM,
  TCP_MD5SIG,
} from './constants.ts'
import { bindToDevice } from './internet-socket.ts'
import { type Handle } from './handle.ts'
import { type Kernel, openSocket, prioritise, setBytes, setInteger, type SocketOption } from './kernel.ts'
import { SystemCallError } from './system-call-error.ts'
import { checkMd5Key, md5Request } from './tcp-md5.ts'
import type { Md5Key, TcpOptions } from './transport-io.ts'

/** The options of `TcpOptions` once they have been checked. */
export type TcpSettings = {
  readonly family: Family
  readonly ttl: number | undefined
  readonly minimumTtl: number | undefined
  readonly trafficClass: number
  readonly device: Uint8Array | undefined
  readonly md5Keys: readonly Md5Key[]
}

export function checkTcpOptions(options: TcpOptions, family: Family): TcpSettings {
  const keys: unknown = options.md5Keys ?? []
  if (!Array.isArray(keys)) throw new TypeError(`md5Keys must be an array, not ${nameOf(keys)}`)
  return {
    family,
    ttl: options.ttl === undefined ? undefined : checkInteger('ttl', options.ttl, TTL_BOUNDS),
    minimumTtl:
      options.minimumTtl === undefined ? undefined : checkInteger('minimumTtl', options.minimumTtl, TTL_BOUNDS),
    trafficClass: checkInteger('trafficClass', options.trafficClass ?? 0, TRAFFIC_CLASS_BOUNDS),
    device: options.device === undefined ? undefined : checkDevice('device', options.device),
    md5Keys: keys.map((key: unknown, at) => checkMd5Key(`md5Keys[${at}]`, key, family)),
  }
}

type Named = 'ttl' | 'minimumTtl' | 'trafficClass'

const OPTIONS: Readonly<Record<Family, Readonly<Record<Named, SocketOption>>>> = {
  4: {
    ttl: { level: IPPROTO_IP, name: IP_TTL, about: 'IP_TTL' },
    minimumTtl: { level: IPPROTO_IP, name: IP_MINTTL, about: 'IP_MINTTL' },
    trafficClass: { level: IPPROTO_IP, name: IP_TOS, about: 'IP_TOS' },
  },
  6: {
    ttl: { level: IPPROTO_IPV6, name: IPV6_UNICAST_HOPS, about: 'IPV6_UNICAST_HOPS' },
    minimumTtl: { level: IPPROTO_IPV6, name: IPV6_MINHOPCOUNT, about: 'IPV6_MINHOPCOUNT' },
    trafficClass: { level: IPPROTO_IPV6, name: IPV6_TCLASS, about: 'IPV6_TCLASS' },
  },
}

/** Opens a stream socket with its settings, then lets `setUp` bind it. Nothing stays open when either fails. */
export function openStream(kernel: Kernel, settings: TcpSettings, setUp: (handle: Handle) => void): Handle {
  const domain = settings.family === 4 ? AF_INET : AF_INET6
  const kind = { what: 'TCP socket', domain, type: SOCK_STREAM, protocol: IPPROTO_TCP }
  return openSocket(kernel, kind, (handle) => {
    apply(kernel, handle, settings)
    setUp(handle)
  })
}

function apply(kernel: Kernel, handle: Handle, settings: TcpSettings): void {
  const { family, ttl, minimumTtl, trafficClass, device, md5Keys } = settings
  if (family === 6) {
    setInteger(kernel, handle, { level: IPPROTO_IPV6, name: IPV6_V6ONLY, about: 'IPV6_V6ONLY' }, 1)
  }
  if (ttl !== undefined) setInteger(kernel, handle, OPTIONS[family].ttl, ttl)
  if (minimumTtl !== undefined) setInteger(kernel, handle, OPTIONS[family].minimumTtl, minimumTtl)
  setInteger(kernel, handle, OPTIONS[family].trafficClass, trafficClass)
  prioritise(kernel, handle, trafficClass)
  if (device !== undefined) bindToDevice(kernel, handle, device)
  for (const { peer, key } of md5Keys) setMd5Key(kernel, handle, { peer, key })
}

const MD5 = { level: IPPROTO_TCP, name: TCP_MD5SIG, about: 'TCP_MD5SIG' }

export function setMd5Key(kernel: Kernel, handle: Handle, { peer, key }: Md5Key): void {
  setBytes(kernel, handle, MD5, md5Request(peer, key))
}

/** Clearing what is not set does nothing. */
export function clearMd5Key(kernel: Kernel, handle: Handle, peer: Address): void {
  try {
    setBytes(kernel, handle, MD5, md5Request(peer, new Uint8Array(0)))
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errno === 'ENOENT')) throw error
  }
}
