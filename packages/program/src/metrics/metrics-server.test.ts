import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { fakeClock, settle, systemClock } from '@steelyard/runtime'
import type { Certificate } from '../certificate.ts'
import type { Logger } from '../logger.ts'
import { makeCertificate } from '../make-certificate.ts'
import { type MetricsOptions, type MetricsPorts, type MetricsServer, startMetrics } from './metrics-server.ts'

const HOST = '127.0.0.1'
const OPTIONS: MetricsOptions = {
  host: HOST,
  port: 0,
  tls: { minVersion: 'TLSv1.3' },
  certificateFolder: '',
  name: 'speaker',
}

function scene(more: Partial<MetricsPorts> = {}): MetricsPorts & { readonly lines: string[] } {
  const lines: string[] = []
  const tell = (message: string): void => void lines.push(message)
  const log: Logger = { debug: tell, info: tell, warn: tell, error: tell, from: () => log }
  return {
    registry: registryOf('up', ' 1\n'),
    review: async (token) =>
      token === 'good' ? { kind: 'allowed' } : { kind: 'unknown', why: 'the token is not valid' },
    clock: systemClock,
    timeOfDay: () => new Date(),
    log,
    lines,
    ...more,
  }
}

/** A registry that answers with these parts, and throws those that are errors. */
function registryOf(...parts: readonly (string | Error)[]): MetricsPorts['registry'] {
  return {
    contentType: 'text/plain; version=0.0.4',
    parts: async function* () {
      for (const part of parts) {
        if (part instanceof Error) throw part
        yield part
      }
    },
  }
}

type Answer = { readonly status: number; readonly type: string; readonly text: string }

function get(port: number, path = '/metrics', token = 'good', method = 'GET'): Promise<Answer> {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: HOST, port, path, method, headers, rejectUnauthorized: false, agent: false },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
        )
      },
    )
    asked.on('error', reject).end()
  })
}

/** The first certificate takes a moment, until which handshakes fail. */
async function firstAnswer(port: number): Promise<Answer> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await get(port).catch(() => undefined)
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('no handshake succeeded in 30 s')
}

function handshake(port: number, options: object): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port, rejectUnauthorized: false, ...options }, () => {
      resolve(socket)
      socket.end()
    })
    socket.on('error', reject)
  })
}

async function withServer(
  options: Partial<MetricsOptions>,
  ports: MetricsPorts,
  use: (server: MetricsServer) => Promise<void>,
): Promise<void> {
  const server = await startMetrics({ ...OPTIONS, ...options }, ports)
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

describe('the metrics server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-metrics-'))
  after(() => rmSync(folder, { recursive: true }))
  const put = ({ certificate, key }: Certificate): void => {
    writeFileSync(join(folder, 'tls.crt'), certificate)
    writeFileSync(join(folder, 'tls.key'), key)
  }
  const wish = (commonName: string) => ({
    commonName,
    hosts: [commonName],
    notBefore: Date.now() - 1000,
    notAfter: Date.now() + 3_600_000,
  })

  it('makes a certificate for itself, and answers who may ask', async () => {
    await withServer({}, scene(), async ({ port }) => {
      assert.deepEqual(await firstAnswer(port), { status: 200, type: 'text/plain; version=0.0.4', text: 'up 1\n' })
      assert.deepEqual(
        [await get(port, '/metrics', ''), await get(port, '/metrics', 'bad')].map(({ status, text }) => [status, text]),
        [
          [401, 'a bearer token is needed: Authorization: Bearer TOKEN\n'],
          [401, 'the token is not valid\n'],
        ],
      )
      assert.deepEqual((await get(port, '/')).text, 'no such path; there is /metrics\n')
      assert.equal((await get(port, '/metrics', 'good', 'POST')).status, 405)
    })
  })

  it('says 500 and why when something in it is broken', async () => {
    put(await makeCertificate(wish('broken')))
    const registry = registryOf(new Error('a bug'))
    await withServer({ certificateFolder: folder }, scene({ registry }), async ({ port }) => {
      const { status, text } = await get(port)
      assert.deepEqual([status, text], [500, 'the metrics could not be read: a bug\n'])
    })
  })

  it('breaks off when something is broken in the middle: half an answer is none', async () => {
    const registry = registryOf('x'.repeat(100_000), new Error('a bug'))
    await withServer({ certificateFolder: folder }, scene({ registry }), async ({ port }) => {
      await assert.rejects(get(port), /aborted|socket hang up|ECONNRESET/)
    })
  })

  it('gives up on who goes away while it answers, and serves the next', async () => {
    const registry = registryOf(...Array.from({ length: 200 }, () => 'x'.repeat(100_000)))
    await withServer({ certificateFolder: folder }, scene({ registry }), async ({ port }) => {
      await new Promise<void>((resolve, reject) => {
        const headers = { authorization: 'Bearer good' }
        const options = {
          host: HOST,
          port,
          path: '/metrics',
          headers,
          rejectUnauthorized: false,
          agent: false as const,
        }
        const asked = request(options, (response) => {
          response.once('data', () => {
            asked.destroy()
            resolve()
          })
        })
        asked.on('error', reject).end()
      })
      assert.equal((await get(port)).text.length, 20_000_000)
    })
  })

  it('takes the certificate of a folder, and a newer one without a restart; a broken one changes nothing', async () => {
    put(await makeCertificate(wish('one')))
    const clock = fakeClock()
    const ports = scene({ clock })
    const passTime = async (): Promise<void> => {
      await clock.advanceAsync(10_000)
      await settle()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await withServer({ certificateFolder: folder }, ports, async ({ port }) => {
      const name = async (): Promise<string> => String((await handshake(port, {})).getPeerCertificate().subject?.CN)
      assert.equal(await name(), 'one')
      put(await makeCertificate(wish('two')))
      await passTime()
      assert.equal(await name(), 'two')
      writeFileSync(join(folder, 'tls.crt'), 'half a certif')
      await passTime()
      await passTime()
      assert.equal(await name(), 'two')
      put(await makeCertificate(wish('three')))
      await passTime()
      assert.equal(await name(), 'three')
    })
    assert.deepEqual(ports.lines, [
      'another certificate for the metrics is in use',
      'the new certificate for the metrics cannot be used: the old one stays',
      'another certificate for the metrics is in use',
    ])
  })

  it('does not start without the certificate it was told to take, or with half of one', async () => {
    const start = (certificateFolder: string): Promise<MetricsServer> =>
      startMetrics({ ...OPTIONS, certificateFolder }, scene())
    await assert.rejects(start('/nowhere'), /--metrics-cert-dir: \/nowhere\/tls.crt cannot be read/)
    writeFileSync(join(folder, 'tls.crt'), 'no certificate')
    await assert.rejects(start(folder), /--metrics-cert-dir: tls.crt and tls.key in .* are no certificate with its key/)
    const [one, two] = await Promise.all([makeCertificate(wish('one')), makeCertificate(wish('two'))])
    put({ certificate: one.certificate, key: two.key })
    await assert.rejects(start(folder), /are no certificate with its key/)
  })

  it('says which flag a taken port came from', async () => {
    put(await makeCertificate(wish('one')))
    await withServer({ certificateFolder: folder }, scene(), async ({ port }) => {
      await assert.rejects(
        startMetrics({ ...OPTIONS, port, certificateFolder: folder }, scene()),
        /--port: cannot listen on 127\.0\.0\.1, port \d+, for metrics/,
      )
    })
  })

  it('speaks the versions, suites and curves that it was told to', async () => {
    put(await makeCertificate(wish('one')))
    const suite = 'ECDHE-ECDSA-AES256-GCM-SHA384'
    const tls = { minVersion: 'TLSv1.2', ciphers: suite, ecdhCurve: 'secp384r1' } as const
    await withServer({ certificateFolder: folder, tls }, scene(), async ({ port }) => {
      const socket = await handshake(port, { maxVersion: 'TLSv1.2' })
      assert.equal(socket.getCipher().name, suite)
      await assert.rejects(handshake(port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }))
      await assert.rejects(handshake(port, { ecdhCurve: 'X25519' }))
    })
    await withServer({ certificateFolder: folder }, scene(), async ({ port }) => {
      await assert.rejects(handshake(port, { maxVersion: 'TLSv1.2' }))
      assert.equal((await handshake(port, {})).getProtocol(), 'TLSv1.3')
    })
  })
})
