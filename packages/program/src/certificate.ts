import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { isIP } from 'node:net'
import { subtle, type webcrypto } from 'node:crypto'

/** A certificate and its private key, as PEM. The key is secret material: never logged. */
export type Certificate = { readonly certificate: string; readonly key: string }

export type CertificateWish = {
  /** What the certificate is called; of the reach of a common name, 64 characters. */
  readonly commonName: string
  /** Host names and IP addresses that it is good for. */
  readonly hosts: readonly string[]
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}

/** Known to every TLS library there is, and small. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * A server's certificate that vouches for itself (RFC 5280). The library takes 5 MiB of memory and is needed for a
 * moment: a program asks `makeCertificate`, which does this in a process of its own.
 */
export async function selfSignedCertificate(wish: CertificateWish): Promise<Certificate> {
  const { commonName, hosts, notBefore, notAfter } = wish
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const made = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map(generalName)),
    ],
  })
  return { certificate: made.toString('pem'), key: await privateKeyPem(keys.privateKey) }
}

function generalName(host: string): JsonGeneralName {
  return { type: isIP(host) === 0 ? 'dns' : 'ip', value: host }
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${base64.replaceAll(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`
}
