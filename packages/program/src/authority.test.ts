import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createServer } from 'node:https'
import { connect } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { type KeyedCertificate, makeAuthority } from './authority.ts'

const VALIDITY = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2099-01-01T00:00:00Z') }
const NAME = 'webhook.example.svc'

describe('a certificate authority of our own', () => {
  it('signs certificates of servers for the names given, as long as it is valid itself', async () => {
    const authority = await makeAuthority('Example authority', VALIDITY)
    const { certificate, key } = await authority.issue([NAME, 'other.example'])
    const [ca, leaf] = [new X509Certificate(authority.certificate), new X509Certificate(certificate)]
    assert.equal(ca.subject, 'CN=Example authority')
    assert.equal(ca.ca, true)
    assert.equal(leaf.ca, false)
    assert.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey))
    assert.ok(leaf.checkPrivateKey(createPrivateKey(key)))
    assert.equal(leaf.subjectAltName, `DNS:${NAME}, DNS:other.example`)
    assert.deepEqual([leaf.validFromDate, leaf.validToDate], [VALIDITY.from, VALIDITY.to])
  })

  it('makes another key and another serial number each time', async () => {
    const authorities = await Promise.all([makeAuthority('same', VALIDITY), makeAuthority('same', VALIDITY)])
    const [one, other] = authorities.map(({ certificate }) => new X509Certificate(certificate))
    assert.notEqual(one?.serialNumber, other?.serialNumber)
    assert.ok(!one?.verify(other!.publicKey))
  })

  it('is trusted by a TLS client that knows it, under the names given and no other', async () => {
    const authority = await makeAuthority('Example authority', VALIDITY)
    const pair = await authority.issue([NAME])
    assert.equal(await shakeHands(pair, authority.certificate, NAME), 'authorized')
    assert.match(await shakeHands(pair, authority.certificate, 'another.example'), /altnames/)
    const stranger = await makeAuthority('Example authority', VALIDITY)
    assert.match(await shakeHands(pair, stranger.certificate, NAME), /verify|unable|signature/)
  })
})

/** What a client makes of a server with this certificate. */
async function shakeHands({ certificate, key }: KeyedCertificate, ca: string, servername: string): Promise<string> {
  const server = createServer({ cert: certificate, key })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const outcome = await new Promise<string>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername }, () => {
      resolve(socket.authorized ? 'authorized' : String(socket.authorizationError))
      socket.destroy()
    })
    socket.on('error', ({ message }) => resolve(message))
  })
  await new Promise((resolve) => void server.close(resolve))
  return outcome
}
