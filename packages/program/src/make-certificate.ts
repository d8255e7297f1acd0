import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SignedCertificate, SignedWish } from './authority.ts'
import type { Certificate, CertificateWish } from './certificate.ts'

/** Run from source it stands beside this file; bundled, beside the program's bundle (see scripts/build.ts). */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './certificate-maker.ts' : './certificate-maker.mjs',
  import.meta.url,
)
/** It takes a third of a second on an idle core. */
const TIMEOUT_MS = 60_000

/**
 * A self-signed certificate, made by a process that ends with it: 1.6 MiB stay here, where the library would keep 5, and a
 * thread 20. The key comes over a pipe. Rejects when the process cannot be had.
 */
export async function makeCertificate(wish: CertificateWish, entry = ENTRY): Promise<Certificate> {
  return (await made(wish, entry)) as Certificate
}

/** As `makeCertificate`, signed by an authority of its own. */
export async function makeSignedCertificate(wish: SignedWish, entry = ENTRY): Promise<SignedCertificate> {
  return (await made(wish, entry)) as SignedCertificate
}

function made(wish: object, entry: URL): Promise<unknown> {
  const args = [fileURLToPath(entry), JSON.stringify(wish)]
  return new Promise((resolve, reject) => {
    // What it would say on failure names no secret; its output would be one.
    execFile(process.execPath, args, { timeout: TIMEOUT_MS, env: {} }, (cause, stdout, stderr) => {
      if (cause === null) return resolve(JSON.parse(stdout))
      const [why = ''] = stderr.trim().split('\n').slice(-1)
      reject(new Error(`no certificate could be made: the process ended with ${cause.signal ?? cause.code}: ${why}`))
    })
  })
}
