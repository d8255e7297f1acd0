import { randomBytes, type webcrypto } from 'node:crypto'
import type { X509Certificate } from '@peculiar/x509'
import type * as X509 from './x509-library.ts'

/** Text in PEM: what Secrets and TLS libraries take. The key is secret: never logged. */
export type KeyedCertificate = { readonly certificate: string; readonly key: string }

export type Validity = { readonly from: Date; readonly to: Date }

/** A certificate authority whose private key never leaves this object: when it is dropped, nobody can sign with it. */
export type Authority = {
  /** PEM. */
  readonly certificate: string
  /** A certificate for TLS servers that clients reach under these DNS names, valid as long as the authority's. */
  readonly issue: (dnsNames: readonly string[]) => Promise<KeyedCertificate>
}

/** ECDSA on P-256: what every TLS library takes, and cheap enough to be made at a moment's notice. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** RFC 5280 section 4.1.2.2: at most 20 octets. */
const SERIAL_OCTETS = 16

/** Fetched when it is needed. What it is made of asks for the other to be there first, whoever bundles the two. */
async function library(): Promise<typeof X509> {
  await import('reflect-metadata')
  return import('./x509-library.ts')
}

/**
 * Makes a certificate authority with a key of its own (RFC 5280). It may sign certificates of servers, and no further
 * authority.
 * @param commonName tells whose it is; letters, digits, blanks, dots and dashes
 */
export async function makeAuthority(commonName: string, validity: Validity): Promise<Authority> {
  const x509 = await library()
  const keys = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    notBefore: validity.from,
    notAfter: validity.to,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: pem(own), issue: (dnsNames) => issue({ own, keys, validity }, dnsNames) }
}

type Issuer = {
  readonly own: X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
  readonly validity: Validity
}

async function issue({ own, keys, validity }: Issuer, dnsNames: readonly string[]): Promise<KeyedCertificate> {
  const x509 = await library()
  const subject = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    // RFC 5280 section 4.2.1.6: without a subject, the names alone tell whose it is; a common name ends at 64 letters.
    subject: '',
    issuer: own.subject,
    notBefore: validity.from,
    notAfter: validity.to,
    signingAlgorithm: ALGORITHM,
    publicKey: subject.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        dnsNames.map((value) => ({ type: 'dns' as const, value })),
        true,
      ),
      await x509.AuthorityKeyIdentifierExtension.create(own.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(subject.publicKey),
    ],
  })
  const key = await crypto.subtle.exportKey('pkcs8', subject.privateKey)
  return { certificate: pem(certificate), key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` }
}

/** Positive, as RFC 5280 section 4.1.2.2 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_OCTETS)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}

/** What to make: a certificate of an authority of its own, for these DNS names. Milliseconds since 1970. */
export type SignedWish = {
  readonly authorityName: string
  readonly hosts: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
}

/** A certificate, its key, and the authority that signed it and nothing else, all as PEM. */
export type SignedCertificate = KeyedCertificate & { readonly authority: string }

/** An authority that is dropped as soon as it has signed one certificate. */
export async function signedCertificate(wish: SignedWish): Promise<SignedCertificate> {
  const validity = { from: new Date(wish.notBefore), to: new Date(wish.notAfter) }
  const authority = await makeAuthority(wish.authorityName, validity)
  return { authority: authority.certificate, ...(await authority.issue(wish.hosts)) }
}
