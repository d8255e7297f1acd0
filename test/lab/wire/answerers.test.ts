import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { longestGapMs } from '../client/gaps.ts'
import { type Answer, answersFor, countByMac, ownerChanges, spellsOf, twoAnswerersMs } from './answerers.ts'
import type { ArpFields, Frame } from './frame.ts'

/** `A0 A20 B40`: A answers at 0 and 20 ms, B at 40. */
function answers(text: string): readonly Answer[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({ mac: word[0] ?? '', at: Number(word.slice(1)), gratuitous: false }))
}

describe('two answerers', () => {
  const ROWS: readonly (readonly [string, string, number])[] = [
    ['nobody: no time at all', '', 0],
    ['one who answers all the time: none', 'A0 A20 A40', 0],
    ['a clean hand-over: none', 'A0 A20 B40 B60', 0],
    ['one answer of the old after the first of the new: the time between them', 'A0 B20 A30 B40', 10],
    [
      'several interleaved: from the first of the new to the last of the old',
      'A0 A20 B40 A41 B60 A61 B80 A81 B100',
      41,
    ],
    ['both to the same question, the new one first', 'A0 B20 A20.4 B40', 0.4],
    ['the old one silent for long, then back: two hand-overs, none together', 'A0 B20 B200 B220 B240 A260 A280', 0],
    ['the old one silent for a moment only: it had not stopped', 'A0 B20 B40 B60 A80 A100', 40],
    ['two periods: their sum', 'A0 B10 A20 B30 B130 B230 A300 B310 A320 B330', 30],
    ['three at once are not counted twice', 'A0 B10 C20 A30 B40 C50', 30],
    ['one that ends as the other begins', 'A0 A20 B20 B40', 0],
  ]
  for (const [what, text, expected] of ROWS) {
    it(`${what} (${text})`, () => assert.ok(Math.abs(twoAnswerersMs(answers(text)) - expected) < 1e-9))
  }

  it('are told apart by a pause that the caller may choose', () => {
    assert.equal(twoAnswerersMs(answers('A0 B20 B40 B60 A80'), 50), 0)
  })
})

describe('who answers, over time', () => {
  it('is a list of spells by their beginning; a pause ends one', () => {
    assert.deepEqual(spellsOf(answers('A0 A100 B150 A500 B160')), [
      { mac: 'A', from: 0, to: 100 },
      { mac: 'B', from: 150, to: 160 },
      { mac: 'A', from: 500, to: 500 },
    ])
  })

  const ROWS: readonly (readonly [string, string, string])[] = [
    ['nobody', '', ''],
    ['the same after a pause is no change', 'A0 A1000 A2000', ''],
    ['one change', 'A0 A20 B40 B60', 'A>B@40'],
    ['there and back', 'A0 B300 B400 A700', 'A>B@300 B>A@700'],
    ['interleaved for a while is one change', 'A0 B20 A30 B40 A50 B60 B80', 'A>B@20'],
    ['another that answers beside it for a while and stops is no change', 'A0 A20 B25 A40 B45 A60 A80', ''],
    ['a single stray answer of another is no change', 'A0 A20 B25 A40', ''],
    ['a single answer of another after a pause, alone, is one', 'A0 B300 A700', 'A>B@300 B>A@700'],
    ['two others at once, of which one stays', 'A0 A20 B40 C40 B60 C60 C80', 'A>C@40'],
  ]
  for (const [what, text, expected] of ROWS) {
    it(`${what}: ${expected === '' ? 'none' : expected}`, () => {
      const changes = ownerChanges(answers(text)).map(({ at, from, to }) => `${from}>${to}@${at}`)
      assert.equal(changes.join(' '), expected)
    })
  }

  it('is counted by MAC', () => assert.deepEqual(countByMac(answers('A0 B1 A2')), { A: 2, B: 1 }))
})

describe('what counts as an answer', () => {
  const frame = (at: number, arp: Partial<ArpFields>): Frame => ({
    at,
    source: 'm',
    destination: 'd',
    etherType: 0,
    bytes: new Uint8Array(),
    arp: { operation: 'reply', senderMac: 'm', senderIp: '10.0.0.1', targetMac: 't', targetIp: '10.0.0.9', ...arp },
  })
  it('is a reply, and a gratuitous frame of either kind; not a question, nor what is said of another address', () => {
    const frames = [
      frame(3, { operation: 'request', targetIp: '10.0.0.1' }),
      frame(1, {}),
      frame(2, { targetIp: '10.0.0.1' }),
      frame(4, { operation: 'request' }),
      frame(5, { senderIp: '10.0.0.2' }),
    ]
    assert.deepEqual(
      answersFor(frames, '10.0.0.1').map(({ at, gratuitous }) => [at, gratuitous]),
      [
        [1, false],
        [2, true],
        [3, true],
      ],
    )
  })
})

describe('the longest gap', () => {
  const ROWS: readonly (readonly [string, readonly number[], readonly [number, number], number])[] = [
    ['between two successes', [0, 10, 20, 300, 310], [0, 320], 280],
    ['that began before the span is whole', [0, 10, 300, 310], [100, 320], 290],
    ['that ends after the span ends with it', [0, 10, 20, 900], [0, 500], 480],
    ['where nothing ever succeeded is the span', [], [100, 600], 500],
    ['outside the span does not count', [0, 1000, 1010, 1020, 3000], [1000, 1030], 10],
  ]
  for (const [what, at, [from, to], expected] of ROWS) {
    it(what, () => assert.equal(longestGapMs(at, { from, to }), expected))
  }
})
