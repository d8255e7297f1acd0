import type { Readable } from 'node:stream'
import type { Clock } from '@steelyard/runtime'
import type { HttpAnswer } from '../decide/admission/answer-request.ts'

export type BodyLimits = { readonly bytes: number; readonly ms: number }

export type Body = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly answer: HttpAnswer }

const TIMED_OUT = 408
const TOO_LARGE = 413
const BAD_REQUEST = 400

/** Reads a request's body as text, no more of it and no longer than the limits say. */
export function readBody(request: Readable, { bytes, ms }: BodyLimits, clock: Clock): Promise<Body> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let length = 0
    const end = (body: Body): void => {
      cancel()
      request.removeAllListeners('data')
      // Whatever still comes is thrown away, so that the answer can be read.
      request.resume()
      resolve(body)
    }
    const refuse = (status: number, reason: string): void => end({ ok: false, answer: { status, body: reason } })
    const cancel = clock.wakeAt(clock.now() + ms, () => refuse(TIMED_OUT, `the body took longer than ${ms} ms`))
    request.on('data', (part: Buffer) => {
      length += part.length
      if (length > bytes) refuse(TOO_LARGE, `accepted: a body of at most ${bytes} bytes`)
      else parts.push(part)
    })
    request.once('end', () => end({ ok: true, text: Buffer.concat(parts).toString('utf8') }))
    request.once('error', () => refuse(BAD_REQUEST, 'the body broke off'))
    request.once('close', () => refuse(BAD_REQUEST, 'the body broke off'))
  })
}
