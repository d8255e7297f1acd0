import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, sleep } from '@steelyard/runtime'
import type { Certificate } from '../certificate.ts'
import { errorText } from '../error-text.ts'
import type { Logger } from '../logger.ts'
import { makeCertificate } from '../make-certificate.ts'

/** Sees to it that the server has a certificate, and the newest there is. */
export type CertificateKeeper = { readonly stop: () => void }

export type CertificatePorts = {
  readonly clock: Clock
  readonly timeOfDay: () => Date
  readonly log: Logger
  /** Throws when it cannot be used. */
  readonly use: (certificate: Certificate) => void
}

/** A mounted Secret changes by a swap of symbolic links: looking at the text sees every way in which it can change. */
const LOOK_EVERY_MS = 10_000
const DAY_MS = 24 * 3_600_000
const VALID_MS = 365 * DAY_MS
/** Clocks differ. */
const BACKDATED_MS = 3_600_000
/** Long before it ends. */
const RENEW_AFTER_MS = VALID_MS / 2
const RETRY_MS = 60_000
/** A timer of the event loop can wait for 24 days; longer is not needed to notice that half a year is over. */
const RENEW_LOOK_MS = DAY_MS

/**
 * Keeps the certificate of a folder, as cert-manager and others write it.
 * @throws Error when the folder has none that can be used now; later the last good one stays in use
 */
export async function keepMountedCertificate(folder: string, ports: CertificatePorts): Promise<CertificateKeeper> {
  const { clock, log, use } = ports
  let seen = await readPair(folder)
  try {
    use(seen)
  } catch (cause) {
    throw new Error(`--metrics-cert-dir: tls.crt and tls.key in ${folder} are no certificate with its key`, { cause })
  }
  let problem = ''
  return again(clock, async () => {
    try {
      const now = await readPair(folder)
      if (now.certificate !== seen.certificate || now.key !== seen.key) {
        use(now)
        seen = now
        log.info('another certificate for the metrics is in use', { op: 'metrics' })
      }
      problem = ''
    } catch (error) {
      const text = errorText(error)
      if (text !== problem) log.warn('the new certificate for the metrics cannot be used: the old one stays', { error })
      problem = text
    }
    return LOOK_EVERY_MS
  })
}

async function readPair(folder: string): Promise<Certificate> {
  const read = async (name: string): Promise<string> => {
    try {
      return await readFile(join(folder, name), 'utf8')
    } catch (cause) {
      throw new Error(`--metrics-cert-dir: ${join(folder, name)} cannot be read`, { cause })
    }
  }
  const [certificate, key] = await Promise.all([read('tls.crt'), read('tls.key')])
  return { certificate, key }
}

/** Keeps a certificate that vouches for itself, made anew long before it ends. Nobody waits for the first one. */
export function keepOwnCertificate(
  about: { readonly commonName: string; readonly hosts: readonly string[] },
  { clock, timeOfDay, log, use }: CertificatePorts,
): CertificateKeeper {
  const state = { renewAt: 0 }
  const look = async (signal: AbortSignal): Promise<number> => {
    const now = timeOfDay().getTime()
    if (now < state.renewAt) return RENEW_LOOK_MS
    try {
      const made = await makeCertificate({ ...about, notBefore: now - BACKDATED_MS, notAfter: now + VALID_MS })
      if (!signal.aborted) use(made)
      state.renewAt = now + RENEW_AFTER_MS
      return RENEW_LOOK_MS
    } catch (error) {
      log.warn('no certificate for the metrics: trying again', { op: 'metrics', error, retryInMs: RETRY_MS })
      return RETRY_MS
    }
  }
  return again(clock, look)
}

/** Does something now, and again after as long as it answers. */
function again(clock: Clock, act: (signal: AbortSignal) => Promise<number>): CertificateKeeper {
  const stopping = new AbortController()
  void actUntil(clock, act, stopping.signal)
  return { stop: () => stopping.abort() }
}

async function actUntil(
  clock: Clock,
  act: (signal: AbortSignal) => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) await sleep(clock, await act(signal), signal)
}
