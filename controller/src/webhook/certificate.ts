import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { KeyedCertificate } from '@steelyard/program'
import { CERTIFICATE_KEYS } from './constants.ts'

/** What a Secret or a folder holds, as text. */
export type CertificateTexts = { readonly authority: string } & KeyedCertificate

/** A pair that a server can show. Times are those of the certificate, in milliseconds since 1970. */
export type ReadCertificate = CertificateTexts & { readonly validFrom: number; readonly validTo: number }

export type CertificateProblem = {
  readonly reason:
    | 'CertificateMissing'
    | 'CertificateCorrupt'
    | 'CertificateForeign'
    | 'CertificateExpired'
    | 'CertificateNotYetValid'
  /** Shows nothing of the key. */
  readonly message: string
}

export type CertificateReading =
  | { readonly ok: true; readonly value: ReadCertificate }
  | { readonly ok: false; readonly problem: CertificateProblem }

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g
const { authority: CA, certificate: CERTIFICATE, key: KEY } = CERTIFICATE_KEYS

/** The texts in a Secret's `data`; an absent one is empty. */
export function textsIn(data: Readonly<Record<string, string>> | undefined): CertificateTexts {
  const text = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8')
  return { authority: text(CA), certificate: text(CERTIFICATE), key: text(KEY) }
}

/** The `data` of a Secret with these texts. */
export function dataOf({ authority, certificate, key }: CertificateTexts): Readonly<Record<string, string>> {
  const texts = { [CA]: authority, [CERTIFICATE]: certificate, [KEY]: key }
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]))
}

/** The certificates in a bundle, each as PEM, the newest first as we write them. */
export function certificatesIn(bundle: string): readonly string[] {
  return bundle.match(PEM) ?? []
}

/** A pair that TLS takes, whoever made it and whenever it holds. */
export function readPair(texts: CertificateTexts): CertificateReading {
  const certificate = parsed(() => new X509Certificate(texts.certificate))
  const key = parsed(() => createPrivateKey(texts.key))
  const problem = missing(texts, [CERTIFICATE, KEY]) ?? unfit(certificate, key)
  if (problem !== undefined || certificate === undefined) return { ok: false, problem: problem ?? corrupt('') }
  const { validFromDate, validToDate } = certificate
  return { ok: true, value: { ...texts, validFrom: validFromDate.getTime(), validTo: validToDate.getTime() } }
}

/** What a certificate of ours must be: made by the authority beside it, which is ours, and for the right name. */
export type Expected = {
  readonly authorityName: string
  readonly dnsName: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** As `readPair`, and everything an API server will look at when it is asked to trust `ca.crt`. */
export function readOwnCertificate(texts: CertificateTexts, expected: Expected): CertificateReading {
  const absent = missing(texts, [CA, CERTIFICATE, KEY])
  if (absent !== undefined) return { ok: false, problem: absent }
  const pair = readPair(texts)
  if (!pair.ok) return pair
  const problem = foreign(texts, expected) ?? outOfTime(pair.value, expected.now)
  return problem === undefined ? pair : { ok: false, problem }
}

/** Whether a certificate holds at this time. */
export function outOfTime(
  { validFrom, validTo }: Pick<ReadCertificate, 'validFrom' | 'validTo'>,
  now: number,
): CertificateProblem | undefined {
  if (now < validFrom)
    return { reason: 'CertificateNotYetValid', message: `${CERTIFICATE} holds from ${shownTime(validFrom)} on` }
  return now >= validTo
    ? { reason: 'CertificateExpired', message: `${CERTIFICATE} ended at ${shownTime(validTo)}` }
    : undefined
}

/** RFC 3339, for people. @param time milliseconds since 1970 */
export function shownTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

function missing(texts: CertificateTexts, keys: readonly string[]): CertificateProblem | undefined {
  const byKey: Readonly<Record<string, string>> = {
    [CA]: texts.authority,
    [CERTIFICATE]: texts.certificate,
    [KEY]: texts.key,
  }
  const absent = keys.filter((key) => byKey[key] === '')
  return absent.length === 0
    ? undefined
    : { reason: 'CertificateMissing', message: `there is no ${absent.join(', no ')}` }
}

function unfit(certificate: X509Certificate | undefined, key: KeyObject | undefined): CertificateProblem | undefined {
  if (certificate === undefined) return corrupt(`${CERTIFICATE} is no certificate in PEM`)
  if (key === undefined) return corrupt(`${KEY} is no private key in PEM`)
  return certificate.checkPrivateKey(key) ? undefined : corrupt(`${KEY} is not the key of ${CERTIFICATE}`)
}

function foreign({ authority, certificate }: CertificateTexts, expected: Expected): CertificateProblem | undefined {
  const leaf = new X509Certificate(certificate)
  const issuers = certificatesIn(authority).map((text) => parsed(() => new X509Certificate(text)))
  const [issuer] = issuers
  if (issuer === undefined || issuers.includes(undefined)) return corrupt(`${CA} is no list of certificates in PEM`)
  if (issuer.subject !== `CN=${expected.authorityName}`) return strange(`${CA} is not of our making`)
  if (!leaf.checkIssued(issuer) || !leaf.verify(issuer.publicKey)) return strange(`${CA} did not sign ${CERTIFICATE}`)
  if (outOfTime({ validFrom: issuer.validFromDate.getTime(), validTo: issuer.validToDate.getTime() }, expected.now))
    return { reason: 'CertificateExpired', message: `${CA} does not hold now` }
  return leaf.checkHost(expected.dnsName) === undefined
    ? strange(`${CERTIFICATE} is not for ${expected.dnsName}`)
    : undefined
}

function strange(message: string): CertificateProblem {
  return { reason: 'CertificateForeign', message }
}

function corrupt(message: string): CertificateProblem {
  return { reason: 'CertificateCorrupt', message }
}

/** OpenSSL's words may show what it read, so they are dropped. */
function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
