import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { StoredObjects } from '@steelyard/model'
import { type Authority, createLogger, makeAuthority } from '@steelyard/program'
import { systemClock } from '@steelyard/runtime'
import { examplePoolObject } from '../testing/examples.ts'
import { askWebhook, responseIn, reviewOf, type WebhookAnswer } from '../testing/webhook-client.ts'
import { type ServerOptions, startServer, type WebhookServer } from './server.ts'

const NAME = 'metallb-webhook-service.metallb-system.svc'
const POOLS = '/validate-metallb-io-v1beta1-ipaddresspool'
const VALIDITY = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2099-01-01T00:00:00Z') }
const STORED: StoredObjects = {
  pools: [examplePoolObject('old', ['10.0.0.0/24'])],
  communities: [],
  bgpAdvertisements: [],
  bgpPeers: [],
  bgpPeerPolicies: [],
  nodes: [],
}

function serve(more: Partial<ServerOptions> = {}): WebhookServer {
  return startServer({
    port: 0,
    http2: false,
    tls: { minVersion: 'TLSv1.3' },
    surroundings: {
      namespace: 'metallb-system',
      stored: () => STORED,
      missing: (kinds) => kinds.filter((kind) => kind === 'communities'),
    },
    clock: systemClock,
    random: Math.random,
    log: createLogger({ level: 'none', caller: 'test' }),
    onChange: () => {},
    ...more,
  })
}

async function portOf(server: WebhookServer): Promise<number> {
  for (;;) {
    const port = server.port()
    if (port !== undefined) return port
    await pause(5)
  }
}

describe('the webhook server', () => {
  let server: WebhookServer
  let authority: Authority
  let port = 0
  before(async () => {
    authority = await makeAuthority('test', VALIDITY)
    server = serve({ limits: { bytes: 64 * 1024, ms: 300 } })
    server.useCertificate(await authority.issue([NAME]))
    port = await portOf(server)
  })
  after(() => server.stop())

  const ask = (body: string, more: object = {}): Promise<WebhookAnswer> =>
    askWebhook({ port, path: POOLS, body, ca: authority.certificate, servername: NAME, ...more })

  it('takes a good object', async () => {
    const { status, text } = await ask(reviewOf(examplePoolObject('new', ['10.0.1.0/24'])))
    assert.equal(status, 200)
    assert.deepEqual(responseIn({ text }), { uid: 'u-1', allowed: true })
  })

  it('refuses a pool that overlaps another, and names both', async () => {
    const answer = await ask(reviewOf(examplePoolObject('new', ['10.0.0.128/25'])))
    const { allowed, status } = responseIn(answer)
    assert.deepEqual([answer.status, allowed, status?.code], [200, false, 403])
    assert.match(
      status?.message ?? '',
      /IPAddressPool new: .*10\.0\.0\.128\/25 overlaps 10\.0\.0\.0\/24 .*IPAddressPool old/,
    )
  })

  const pool = reviewOf(examplePoolObject('new', ['10.0.1.0/24']))
  const BAD: readonly [name: string, body: string, more: object, status: number, says: RegExp][] = [
    ['no JSON', '{"kind":', {}, 400, /not JSON/],
    ['no object', '[]', {}, 400, /not JSON, or no object/],
    ['nothing', '', {}, 400, /not JSON/],
    [
      'another kind of document',
      '{"kind":"Pod","apiVersion":"v1"}',
      {},
      400,
      /no AdmissionReview of admission\.k8s\.io\/v1/,
    ],
    ['a review of an older version', pool.replace('k8s.io/v1', 'k8s.io/v1beta1'), {}, 400, /no AdmissionReview/],
    ['a review without a question', pool.replace('"uid":"u-1"', '"uid":""'), {}, 400, /request\.uid is missing/],
    ['an operation that there is not', pool.replace('CREATE', 'CONNECT'), {}, 400, /none of CREATE, UPDATE, DELETE/],
    ['a question about another kind', pool.replaceAll('IPAddressPool', 'Pod'), {}, 400, /not IPAddressPool/],
    ['no object in it', pool.replace('"object":', '"item":'), {}, 400, /request\.object is missing/],
    ['a body beyond the limit', JSON.stringify('x'.repeat(100_000)), {}, 413, /at most 65536 bytes/],
    ['a path that there is not', pool, { path: '/validate-nothing' }, 404, /nothing is judged/],
    ['a GET', '', { method: 'GET' }, 405, /accepted: POST/],
    ['another type of content', pool, { type: 'text/plain' }, 415, /application\/json/],
    [
      'a kind whose others are not listed yet',
      reviewOf({ kind: 'Community', metadata: { name: 'c', namespace: 'metallb-system' } }),
      { path: '/validate-metallb-io-v1beta1-community' },
      503,
      /waiting for the first list of communities/,
    ],
  ]
  for (const [name, body, more, status, says] of BAD) {
    it(`answers ${status} to ${name}, says why, and lives on`, async () => {
      const answer = await ask(body, more)
      assert.equal(answer.status, status, answer.text)
      assert.match(answer.text, says)
      assert.equal((await ask(pool)).status, 200)
    })
  }

  it('does not wait for ever for a body', async () => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificate, servername: NAME })
    socket.write(`POST ${POOLS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`)
    const [said] = await new Promise<[Buffer]>((resolve) => void socket.once('data', (data: Buffer) => resolve([data])))
    assert.match(said.toString(), /^HTTP\/1\.1 408 /)
    await new Promise((resolve) => void socket.once('close', resolve).resume())
  })

  it('survives a client that goes in the middle of a question', async () => {
    const socket = connectTls({ host: '127.0.0.1', port, ca: authority.certificate, servername: NAME })
    await new Promise<void>((resolve) => {
      socket.write(`POST ${POOLS} HTTP/1.1\r\ncontent-length: 100\r\ncontent-type: application/json\r\n\r\n{`, () => {
        socket.destroy()
        resolve()
      })
    })
    assert.equal((await ask(pool)).status, 200)
  })

  it('shows another certificate from the next connection on, without a restart', async () => {
    const first = await ask(pool)
    const next = await makeAuthority('next', VALIDITY)
    server.useCertificate(await next.issue([NAME]))
    await assert.rejects(ask(pool), 'the old authority is not trusted with the new certificate')
    const second = await askWebhook({ port, path: POOLS, body: pool, ca: next.certificate, servername: NAME })
    assert.equal(second.status, 200)
    assert.notEqual(second.serial, first.serial)
    server.useCertificate(await authority.issue([NAME]))
  })

  it('keeps its certificate when it is given a pair that does not fit', async () => {
    const [one, other] = await Promise.all([authority.issue([NAME]), authority.issue([NAME])])
    assert.throws(() => server.useCertificate({ certificate: one.certificate, key: other.key }))
    assert.equal((await ask(pool)).status, 200)
  })

  it('speaks no TLS older than it was told', async () => {
    const options = { host: '127.0.0.1', port, ca: authority.certificate, servername: NAME }
    const outcome = await new Promise<string>((resolve) => {
      const socket = connectTls({ ...options, maxVersion: 'TLSv1.2' }, () => resolve('connected'))
      socket.on('error', ({ message }) => resolve(message))
    })
    assert.match(outcome, /protocol version|alert/)
  })
})

describe('the webhook server without what it needs', () => {
  it('listens without a certificate, and answers as soon as it has one', async () => {
    const authority = await makeAuthority('test', VALIDITY)
    const server = serve()
    const port = await portOf(server)
    assert.equal(server.problem(), 'it has no certificate yet')
    const question = { port, path: POOLS, body: '', ca: authority.certificate, servername: NAME }
    await assert.rejects(askWebhook(question))
    server.useCertificate(await authority.issue([NAME]))
    assert.equal(server.problem(), undefined)
    assert.equal((await askWebhook(question)).status, 400)
    await server.stop()
  })

  it('waits for a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => void other.listen(0, resolve))
    const { port } = other.address() as AddressInfo
    const server = serve({ port, random: () => 0 })
    while (server.problem()?.includes('EADDRINUSE') !== true) await pause(5)
    await new Promise((resolve) => void other.close(resolve))
    assert.equal(await portOf(server), port)
    await server.stop()
  })
})

describe('HTTP/2 at the webhook', () => {
  for (const http2 of [false, true]) {
    it(`is ${http2 ? 'offered beside HTTP/1.1 when asked for' : 'not offered unless asked for'}`, async () => {
      const authority = await makeAuthority('test', VALIDITY)
      const server = serve({ http2 })
      server.useCertificate(await authority.issue([NAME]))
      const port = await portOf(server)
      const body = reviewOf(examplePoolObject('new', ['10.0.1.0/24']))
      const overHttp1 = await askWebhook({ port, path: POOLS, body, ca: authority.certificate, servername: NAME })
      assert.equal(overHttp1.status, 200)
      assert.equal(await askOverHttp2(port, authority.certificate, body), http2 ? 200 : 'refused')
      await server.stop()
    })
  }
})

function askOverHttp2(port: number, ca: string, body: string): Promise<number | 'refused'> {
  return new Promise((resolve) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, servername: NAME })
    session.on('error', () => resolve('refused'))
    const asking = session.request({ ':method': 'POST', ':path': POOLS, 'content-type': 'application/json' })
    asking.on('error', () => resolve('refused'))
    asking.on('response', (headers) => {
      resolve(headers[':status'] ?? 0)
      session.destroy()
    })
    asking.end(body)
  })
}
