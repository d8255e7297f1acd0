import type { IncomingMessage } from 'node:http'
import type { KubeObject } from '@steelyard/model'
import { ApiError } from '../api-error.ts'
import type { CallName, WatchEvent } from '../api.ts'
import { type Answer, badAnswer, bodyOf, watchEventOf } from './answer.ts'
import { type Exchange, send, transportError, type Wire } from './exchange.ts'
import { lineBuffer, linesOf } from './lines.ts'

/** etcd holds objects up to 1.5 MiB; as JSON with an envelope they stay far below. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024

/** The whole answer of a call. */
export async function readText(call: CallName, response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = []
  for await (const chunk of chunksOf(call, response)) parts.push(chunk)
  const text = Buffer.concat(parts).toString('utf8')
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text }
}

/**
 * Runs a watch to its end. The body is pulled: while `onEvent` works nothing is read from the socket, so
 * a burst waits in the kernel's buffers and the server's, not in ours.
 */
export async function watchStream(
  wire: Wire,
  exchange: Exchange,
  onEvent: (event: WatchEvent<KubeObject>) => void,
): Promise<void> {
  try {
    const response = await send(wire, exchange)
    if (response.statusCode !== 200) return refuse(wire, exchange.call, await readText(exchange.call, response))
    for await (const line of linesIn(exchange.call, response)) {
      if (exchange.signal?.aborted === true) return
      onEvent(watchEventOf(exchange.call, line))
    }
  } catch (error) {
    if (exchange.signal?.aborted !== true || !(error instanceof ApiError)) throw error
  }
}

function refuse({ credentials }: Wire, call: CallName, answer: Answer): void {
  if (answer.status === 401) credentials.forget()
  bodyOf(call, answer)
  throw badAnswer(call, `status ${answer.status} for a watch`)
}

async function* linesIn(call: CallName, response: IncomingMessage): AsyncGenerator<string> {
  const buffer = lineBuffer()
  for await (const chunk of chunksOf(call, response)) {
    yield* linesOf(buffer, chunk)
    if (buffer.bytes > LONGEST_LINE_BYTES) throw badAnswer(call, `a line of more than ${LONGEST_LINE_BYTES} bytes`)
  }
}

/** The body as it comes. A throw of whoever handles a chunk passes through as it is; ours are ApiErrors. */
async function* chunksOf(call: CallName, response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response) yield chunk as Buffer
  } catch (error) {
    throw transportError(call, error as Error)
  }
}
