import { signedCertificate, type SignedWish } from './authority.ts'
import { type CertificateWish, selfSignedCertificate } from './certificate.ts'

/** The process that makes one certificate: the wish is its argument, the certificate its output, both as JSON. */
const [text = ''] = process.argv.slice(2)
const wish = JSON.parse(text) as CertificateWish | SignedWish
const made = 'authorityName' in wish ? await signedCertificate(wish) : await selfSignedCertificate(wish)
process.stdout.write(JSON.stringify(made))
