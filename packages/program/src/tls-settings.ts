import type { Decoded } from '@steelyard/net'
import { TLS13_SUITES, TLS_GROUPS, TLS_SUITES } from './constants.ts'

export type TlsVersion = 'VersionTLS12' | 'VersionTLS13'

/** The flags about TLS, as they were given. */
export type TlsFlags = {
  readonly 'tls-min-version': TlsVersion
  readonly 'tls-cipher-suites': string
  readonly 'tls-curve-preferences': string
}

/** What a server offers, as `node:tls` takes it; left out, as Node has it. */
export type TlsSettings = {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers?: string
  readonly ecdhCurve?: string
}

/** Suites of TLS 1.3 are not for choosing, but in OpenSSL's list they stand beside the others. */
export function tlsSettings(flags: TlsFlags): TlsSettings {
  const suites = textsOf(flags['tls-cipher-suites']).flatMap((name) => TLS_SUITES.get(name) ?? [])
  const groups = textsOf(flags['tls-curve-preferences']).flatMap((id) => TLS_GROUPS.get(Number(id)) ?? [])
  return {
    minVersion: flags['tls-min-version'] === 'VersionTLS12' ? 'TLSv1.2' : 'TLSv1.3',
    ...(suites.length === 0 ? {} : { ciphers: [...new Set([...TLS13_SUITES, ...suites])].join(':') }),
    ...(groups.length === 0 ? {} : { ecdhCurve: groups.join(':') }),
  }
}

/** Reads a list of suites; what is none of them would silently be left out. */
export function readSuites(text: string): Decoded<string> {
  const strange = textsOf(text).filter((name) => !TLS_SUITES.has(name))
  if (strange.length === 0) return { ok: true, value: text }
  return { ok: false, reason: `has ${strange.join(', ')}, which is none of ${[...TLS_SUITES.keys()].join(', ')}` }
}

/** Reads a list of curves by their numbers. */
export function readGroups(text: string): Decoded<string> {
  const strange = textsOf(text).filter((id) => !TLS_GROUPS.has(Number(id)))
  if (strange.length === 0) return { ok: true, value: text }
  const accepted = [...TLS_GROUPS].map(([id, name]) => `${id} (${name})`)
  return { ok: false, reason: `has ${strange.join(', ')}, which is none of ${accepted.join(', ')}` }
}

function textsOf(list: string): string[] {
  return list.split(',').filter((text) => text !== '')
}
