import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock, settle } from '@steelyard/runtime'
import { ApiError } from '../api-error.ts'
import type { KubeCredentials } from '../config/credentials.ts'
import { KubeConfigError } from '../config/credentials.ts'
import { CONFIG_MAPS, SERVICES } from '../resources.ts'
import { type Canned, cannedServer, type CannedServer, says } from './canned-server.ts'
import { type RealApi, realApi, type RealApiOptions } from './real-api.ts'

type Talk = (api: RealApi, server: CannedServer) => Promise<unknown>

async function withServer(answers: readonly Canned[], talk: Talk, options: RealApiOptions = {}): Promise<void> {
  const server = await cannedServer(...answers)
  const api = realApi(server.credentials, options)
  try {
    await talk(api, server)
  } finally {
    api.close()
    await server.stop()
  }
}

const ref = { namespace: 'shop', name: 'web' }
const status = (code: number, reason: string, message: string) => ({ kind: 'Status', code, reason, message })

describe('a failed call becomes one line', () => {
  const cases: readonly [sentence: string, answer: Canned, line: string, more?: Partial<ApiError>][] = [
    [
      'with what the API server says',
      says(403, status(403, 'Forbidden', 'services "web" is forbidden')),
      'get services shop/web: 403 Forbidden: services "web" is forbidden',
      { status: 403, reason: 'Forbidden', detail: 'services "web" is forbidden' },
    ],
    [
      'with its Retry-After',
      says(429, status(429, 'TooManyRequests', 'too many requests'), { 'retry-after': '3' }),
      'get services shop/web: 429 TooManyRequests: too many requests',
      { retryAfterMs: 3000 },
    ],
    [
      'with the wait that the Status asks for',
      says(500, { ...status(500, 'ServerTimeout', 'try again'), details: { retryAfterSeconds: 2 } }),
      'get services shop/web: 500 ServerTimeout: try again',
      { retryAfterMs: 2000 },
    ],
    [
      'with the words of a proxy, on one line',
      says(502, '<html>\n  <h1>Bad\tGateway</h1>\n</html>'),
      'get services shop/web: 502 BadGateway: <html> <h1>Bad Gateway</h1> </html>',
    ],
    ['with a word of ours for a status that has none', says(418, ''), 'get services shop/web: 418 UnexpectedStatus: '],
    [
      'when the answer is not JSON, without quoting it',
      says(200, 'secret{'),
      'get services shop/web: BadAnswer: the answer is not JSON (7 characters)',
    ],
  ]
  for (const [sentence, answer, line, more = {}] of cases) {
    it(sentence, () =>
      withServer([answer], async (api) => {
        await assert.rejects(api.get(SERVICES, ref), (error) => {
          assert.ok(error instanceof ApiError)
          assert.equal(error.message, line)
          for (const [name, value] of Object.entries(more)) assert.equal(error[name as keyof ApiError], value)
          return true
        })
      }),
    )
  }

  for (const body of ['null', '5', '[]', '{"error":"login first"}']) {
    it(`when a proxy answers 200 and ${body}`, () =>
      withServer([says(200, body)], async (api) => {
        const line = /BadAnswer: the answer is not an object of the API$/
        await assert.rejects(api.get(SERVICES, ref), line)
        await assert.rejects(api.list(SERVICES), line)
      }))
  }

  it('when nobody listens', async () => {
    const server = await cannedServer(says(200, {}))
    await server.stop()
    await assert.rejects(
      realApi(server.credentials).get(SERVICES, ref),
      /^ApiError: get services shop\/web: Unreachable: connect ECONNREFUSED/,
    )
  })

  it('when no answer comes in time', async () => {
    const clock = fakeClock()
    await withServer(
      [() => {}],
      async (api, { requests }) => {
        const asked = api.get(SERVICES, ref)
        asked.catch(() => {})
        while (requests.length === 0) await settle()
        clock.advance(30_000)
        await assert.rejects(asked, /get services shop\/web: TimedOut: no answer within 30000 ms$/)
      },
      { clock },
    )
  })

  it('when the answer stops in the middle', async () => {
    const clock = fakeClock()
    const half: Canned = (response) => void response.writeHead(200, { 'content-length': '100' }).write('{"half":')
    await withServer(
      [half],
      async (api) => {
        const asked = api.get(SERVICES, ref, { timeoutMs: 500 })
        asked.catch(() => {})
        for (let turns = 0; turns < 50; turns++) await settle()
        clock.advance(500)
        await assert.rejects(asked, /TimedOut: no answer within 500 ms$/)
      },
      { clock },
    )
  })

  it('when there are no credentials', async () => {
    const access = (): Promise<never> => Promise.reject(new KubeConfigError('tokenFile: /x: no such file'))
    const credentials: KubeCredentials = {
      server: new URL('https://127.0.0.1:1'),
      namespace: undefined,
      source: '',
      access,
      forget: () => {},
    }
    await assert.rejects(
      realApi(credentials).get(SERVICES, ref),
      /get services shop\/web: NoCredentials: tokenFile: \/x: no such file/,
    )
  })

  it('but an object without a namespace is a bug of ours, said before anything is sent', () =>
    withServer([says(200, {})], async (api, { requests }) => {
      await assert.rejects(async () => api.get(SERVICES, { name: 'web' }), TypeError)
      await assert.rejects(async () => api.get(SERVICES, { namespace: 'shop', name: '' }), TypeError)
      assert.equal(requests.length, 0)
    }))
})

describe('a request', () => {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { ...ref, resourceVersion: '7' } }

  it('has the path, type and body of its call', () =>
    withServer([says(200, { metadata: { resourceVersion: '1' }, items: null })], async (api, { requests }) => {
      await api.list(SERVICES, { limit: 2, labelSelector: 'a=b,c', fieldSelector: 'metadata.name=x' })
      await api.updateStatus(SERVICES, object)
      await api.patch(SERVICES, ref, {
        kind: 'apply',
        body: { status: {} },
        subresource: 'status',
        fieldManager: 'me',
        force: true,
      })
      await api.patch(SERVICES, ref, { kind: 'merge', body: { a: 5n } })
      await api.delete(SERVICES, ref, { uid: 'u' })
      assert.deepEqual(
        requests.map(({ method, url }) => `${method} ${url}`),
        [
          'GET /api/v1/services?limit=2&labelSelector=a%3Db%2Cc&fieldSelector=metadata.name%3Dx',
          'PUT /api/v1/namespaces/shop/services/web/status',
          'PATCH /api/v1/namespaces/shop/services/web/status?fieldManager=me&force=true',
          'PATCH /api/v1/namespaces/shop/services/web',
          'DELETE /api/v1/namespaces/shop/services/web',
        ],
      )
      assert.deepEqual(
        requests.map(({ headers }) => headers['content-type']),
        [
          undefined,
          'application/json',
          'application/apply-patch+yaml',
          'application/merge-patch+json',
          'application/json',
        ],
      )
      const applied = { status: {}, apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } }
      assert.deepEqual(JSON.parse(requests[2]?.body ?? ''), applied)
      assert.equal(requests[3]?.body, '{"a":5}')
    }))

  it('that is refused as Unauthorized is sent once more with credentials read anew', () =>
    withServer([says(401, status(401, 'Unauthorized', 'expired')), says(200, object)], async (api, server) => {
      await api.get(SERVICES, ref)
      assert.deepEqual(
        server.requests.map(({ headers }) => headers.authorization),
        ['Bearer token-0', 'Bearer token-1'],
      )
    }))

  it('goes over a kept connection, and again over a new one when the server had just closed it', () => {
    const closes: Canned = (_response, request) => request.socket.destroy()
    return withServer([says(200, object), says(200, object), closes, says(200, object)], async (api, server) => {
      for (let times = 0; times < 2; times++) await api.get(SERVICES, ref)
      assert.equal(server.connections(), 1)
      await api.get(SERVICES, ref)
      assert.deepEqual([server.connections(), server.requests.length], [2, 4])
    })
  })

  it('that creates is never sent twice by itself: it might make two', () => {
    const closes: Canned = (_response, request) => request.socket.destroy()
    return withServer([says(200, object), closes, says(200, object)], async (api, server) => {
      await api.get(SERVICES, ref)
      await assert.rejects(api.create(SERVICES, object), /create services shop\/web: Unreachable/)
      assert.equal(server.requests.length, 2)
    })
  })

  it('waits in line when sixteen are under way', async () => {
    const open: (() => void)[] = []
    const holds: Canned = (response) => void open.push(() => response.end('{"metadata":{}}'))
    await withServer([holds], async (api, { requests }) => {
      const asked = Array.from({ length: 20 }, (_, index) =>
        api.get(CONFIG_MAPS, { namespace: 'a', name: `x${index}` }),
      )
      while (requests.length < 16) await settle()
      for (let turns = 0; turns < 20; turns++) await settle()
      assert.equal(requests.length, 16)
      while (requests.length < 20) {
        for (const end of open.splice(0)) end()
        await settle()
      }
      for (const end of open) end()
      await Promise.all(asked)
    })
  })
})
