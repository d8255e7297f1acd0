import { type CertificateWish, selfSignedCertificate } from './certificate.ts'

/** The process that makes one certificate: the wish is its argument, the certificate its output, both as JSON. */
const [wish = ''] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await selfSignedCertificate(JSON.parse(wish) as CertificateWish)))
