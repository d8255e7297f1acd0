import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settle } from '@steelyard/runtime'
import type { WatchEvent } from '../api.ts'
import type { ConfigMap } from '@steelyard/model'
import { CONFIG_MAPS } from '../resources.ts'
import { type Canned, cannedServer, says, streams } from './canned-server.ts'
import { realApi } from './real-api.ts'

type Outcome = { readonly words: readonly string[]; readonly failure: string }

const never = new AbortController().signal

/** Watches a canned server to the end: what was told, and how it ended. */
async function watch(answer: Canned, onEvent: (event: WatchEvent<ConfigMap>) => void = () => {}): Promise<Outcome> {
  const server = await cannedServer(answer)
  const api = realApi(server.credentials)
  const words: string[] = []
  const listen = (event: WatchEvent<ConfigMap>): void => {
    words.push(
      event.kind === 'bookmark' ? `bookmark ${event.resourceVersion}` : `${event.kind} ${event.object.data?.['text']}`,
    )
    onEvent(event)
  }
  try {
    await api.watch(CONFIG_MAPS, { resourceVersion: '5', signal: never, onEvent: listen })
    return { words, failure: '' }
  } catch (error) {
    return { words, failure: String(error) }
  } finally {
    api.close()
    await server.stop()
  }
}

function line(type: string, text: string): string {
  return `${JSON.stringify({ type, object: { metadata: { name: 'x', resourceVersion: '6' }, data: { text } } })}\n`
}

const CALL = 'ApiError: watch configmaps: '

describe('a watch of a server that', () => {
  it('speaks in pieces is heard as a whole, wherever a character is cut', async () => {
    const whole = Buffer.from(line('ADDED', 'Straße 東京 🚢') + line('DELETED', 'b'))
    for (const size of [1, 2, 3, 7, 1000]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
        whole.subarray(at * size, (at + 1) * size),
      )
      const outcome = await watch(streams(pieces, 'ends'))
      assert.deepEqual(outcome, { words: ['added Straße 東京 🚢', 'deleted b'], failure: '' })
    }
  })

  it('ends in order ends it in order, an unfinished line apart', async () => {
    const outcome = await watch(streams([line('ADDED', 'a'), '\n\n', line('MODIFIED', 'b'), '{"type":'], 'ends'))
    assert.deepEqual(outcome, { words: ['added a', 'modified b'], failure: '' })
  })

  it('sends a bookmark tells its version', async () => {
    const bookmark = '{"type":"BOOKMARK","object":{"kind":"ConfigMap","metadata":{"resourceVersion":"99"}}}\n'
    assert.deepEqual(await watch(streams([bookmark], 'ends')), { words: ['bookmark 99'], failure: '' })
  })

  const failures: readonly [sentence: string, answer: Canned, words: readonly string[], failure: string][] = [
    ['breaks the connection', streams([line('ADDED', 'a')], 'breaks'), ['added a'], `${CALL}Unreachable: aborted`],
    [
      'sends an ERROR event',
      streams(
        [
          line('ADDED', 'a'),
          '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n',
        ],
        'stays',
      ),
      ['added a'],
      `${CALL}410 Expired: too old`,
    ],
    [
      'sends an ERROR event without a word',
      streams(['{"type":"ERROR"}\n'], 'stays'),
      [],
      `${CALL}500 InternalError: the watch failed`,
    ],
    [
      'refuses it',
      says(410, { kind: 'Status', code: 410, reason: 'Gone', message: 'too old' }),
      [],
      `${CALL}410 Gone: too old`,
    ],
    [
      'sends a line that is not JSON (which is not quoted)',
      streams([line('ADDED', 'a'), '{"secret":\n'], 'stays'),
      ['added a'],
      `${CALL}BadAnswer: the answer is not JSON (10 characters)`,
    ],
    [
      'sends an event of unknown type',
      streams([line('RENAMED', 'a')], 'stays'),
      [],
      `${CALL}BadAnswer: a watch event of unknown type`,
    ],
    [
      'sends an event without an object',
      streams(['{"type":"ADDED"}\n'], 'stays'),
      [],
      `${CALL}BadAnswer: a watch event without an object`,
    ],
    ['sends null', streams(['null\n'], 'stays'), [], `${CALL}BadAnswer: a watch event without an object`],
    ['sends a list of something', streams(['[1]\n'], 'stays'), [], `${CALL}BadAnswer: a watch event without an object`],
    [
      'sends an object without a version',
      streams(['{"type":"ADDED","object":{}}\n'], 'stays'),
      [],
      `${CALL}BadAnswer: a watch event without an object`,
    ],
    [
      'sends a line without end',
      streams(
        Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024, 0x20)),
        'stays',
      ),
      [],
      `${CALL}BadAnswer: a line of more than 16777216 bytes`,
    ],
  ]
  for (const [sentence, answer, words, failure] of failures) {
    it(`${sentence} fails with the reason`, async () => assert.deepEqual(await watch(answer), { words, failure }))
  }

  it('makes the listener throw ends with what it threw', async () => {
    const outcome = await watch(streams([line('ADDED', 'a'), line('ADDED', 'b')], 'stays'), () => {
      throw new TypeError('a bug of ours')
    })
    assert.deepEqual(outcome, { words: ['added a'], failure: 'TypeError: a bug of ours' })
  })

  it('floods us is read only as fast as we listen: the rest waits at its side', async () => {
    const sent = { bytes: 0 }
    const flood: Canned = (response) => {
      response.writeHead(200)
      const text = line('MODIFIED', 'x'.repeat(60_000))
      const more = (): void => {
        while (sent.bytes < 200 * 1024 * 1024 && response.write(text)) sent.bytes += text.length
      }
      response.on('drain', more)
      more()
    }
    const server = await cannedServer(flood)
    const api = realApi(server.credentials)
    const stopping = new AbortController()
    const heard = { bytes: 0, most: 0 }
    const onEvent = (event: WatchEvent<ConfigMap>): void => {
      heard.bytes += event.kind === 'bookmark' ? 0 : (event.object.data?.['text']?.length ?? 0)
      heard.most = Math.max(heard.most, sent.bytes - heard.bytes)
      if (heard.bytes > 20 * 1024 * 1024) stopping.abort()
    }
    await api.watch(CONFIG_MAPS, { resourceVersion: '5', signal: stopping.signal, onEvent })
    assert.ok(heard.most < 16 * 1024 * 1024, `${heard.most} bytes under way`)
    await settle()
    api.close()
    await server.stop()
  })
})
