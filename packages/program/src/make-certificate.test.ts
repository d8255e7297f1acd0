import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { makeCertificate, makeSignedCertificate } from './make-certificate.ts'

const WISH = {
  commonName: 'speaker',
  hosts: ['speaker.metallb-system.svc', '192.0.2.1', '2001:db8::1'],
  notBefore: Date.UTC(2026, 0, 1),
  notAfter: Date.UTC(2027, 0, 1),
}

describe('a certificate that vouches for itself', () => {
  it('is good for its hosts and its time, and comes with its key', async () => {
    const { certificate, key } = await makeCertificate(WISH)
    const read = new X509Certificate(certificate)
    assert.equal(read.subject, 'CN=speaker')
    assert.ok(read.verify(read.publicKey))
    assert.ok(read.checkPrivateKey(createPrivateKey(key)))
    assert.equal(read.checkHost('speaker.metallb-system.svc'), 'speaker.metallb-system.svc')
    assert.equal(read.checkIP('2001:db8::1'), '2001:db8::1')
    assert.equal(read.checkHost('other.example'), undefined)
    assert.deepEqual([Date.parse(read.validFrom), Date.parse(read.validTo)], [WISH.notBefore, WISH.notAfter])
    assert.equal(read.ca, false)
  })

  it('has a serial number of its own', async () => {
    const [a, b] = await Promise.all([makeCertificate(WISH), makeCertificate(WISH)])
    assert.notEqual(new X509Certificate(a.certificate).serialNumber, new X509Certificate(b.certificate).serialNumber)
  })

  it('that cannot be made is an error that says why, without a key in it', async () => {
    await assert.rejects(
      makeCertificate({ ...WISH, hosts: ['not a host\u0000'] }, new URL('file:///nowhere/maker.ts')),
      /no certificate could be made: the process ended with 1/,
    )
  })
})

describe('a certificate of an authority of its own', () => {
  it('is good for its hosts, and its authority for nothing else', async () => {
    const { authorityName, hosts } = { authorityName: 'webhook', hosts: ['webhook.metallb-system.svc'] }
    const made = await makeSignedCertificate({ ...WISH, authorityName, hosts })
    const [authority, read] = [new X509Certificate(made.authority), new X509Certificate(made.certificate)]
    assert.equal(authority.subject, 'CN=webhook')
    assert.ok(read.checkIssued(authority) && read.verify(authority.publicKey))
    assert.ok(read.checkPrivateKey(createPrivateKey(made.key)))
    assert.equal(read.checkHost('webhook.metallb-system.svc'), 'webhook.metallb-system.svc')
  })
})
