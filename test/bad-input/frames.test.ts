import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { answerFrame, type LinkView } from '@steelyard/arp-lib'
import { parseMac } from '@steelyard/net'
import { BAD_FRAMES, type BadFrame } from './bad-frames.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url)
const LINK: LinkView = {
  mac: parseMac('02:00:5e:00:53:99') ?? new Uint8Array(6),
  arp: true,
  ndp: true,
  ownMacs: [],
}
const ANNOUNCED = new Set(['192.0.2.11', '2001:db8::b'])

function capture(name: string): Uint8Array {
  const text = readFileSync(new URL(`${name}.hex`, FIXTURES), 'utf8')
  return Uint8Array.from(Buffer.from(text.replaceAll(/#.*$/gm, '').replaceAll(/\s/g, ''), 'hex'))
}

function answer(bytes: Uint8Array, from: BadFrame['from']): ReturnType<typeof answerFrame> {
  return answerFrame({ bytes, packetType: from.startsWith('arp') ? 'broadcast' : 'multicast' }, LINK, ANNOUNCED)
}

describe('a frame from the LAN', () => {
  for (const from of ['arp-request-linux', 'ns-multicast-linux'] as const) {
    it(`${from} is answered as it was captured, so what follows is refused for its own fault`, () => {
      assert.equal(answer(capture(from), from).kind, 'reply')
    })
  }

  for (const bad of BAD_FRAMES) {
    it(`gets no answer: ${bad.what}`, () => {
      const bytes = capture(bad.from)
      for (const [at, byte] of Object.entries(bad.change ?? {})) bytes[Number(at)] = byte
      const result = answer(bytes.subarray(0, bad.cutTo ?? bytes.length), bad.from)
      assert.ok(result.kind === 'ignored', `was answered: ${result.kind}`)
      assert.equal(result.reason, bad.reason)
      assert.equal(result.detail, bad.says)
    })
  }
})
