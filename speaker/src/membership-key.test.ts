import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Logger } from '@steelyard/program'
import { fakeClock } from '@steelyard/runtime'
import type { MembershipKeys } from './decide/membership-key.ts'
import { followMembershipKey } from './membership-key.ts'

const FOLDER = '/etc/ml_secret_key'
const SECRET = 'c2l4dGVlbiBieXRlcyEhIQ=='
const OTHER = 'b3RoZXIgc2l4dGVlbiBieQ=='
const MINUTE = 60_000

type Line = { readonly level: string; readonly message: string }

function setUp(text?: string, folder = FOLDER) {
  const clock = fakeClock()
  const lines: Line[] = []
  const at =
    (level: string) =>
    (message: string): void =>
      void lines.push({ level, message })
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), from: () => log }
  const file: { text: string | undefined; error?: Error; paths: Set<string> } = { text, paths: new Set() }
  const told: MembershipKeys[] = []
  const readText = (path: string): Promise<string | undefined> => {
    file.paths.add(path)
    return file.error === undefined ? Promise.resolve(file.text) : Promise.reject(file.error)
  }
  const key = followMembershipKey({ folder, readText, clock, log, onChange: (keys) => told.push(keys) })
  const sealing = (): string => Buffer.from(key.keys().sealing).toString()
  const accepted = (): string[] => key.keys().accepted.map((secret) => Buffer.from(secret).toString())
  return {
    clock,
    lines,
    file,
    told,
    key,
    sealing,
    accepted,
    warnings: () => lines.filter(({ level }) => level === 'warn'),
  }
}

const ZERO = '\0'.repeat(16)

describe('the membership secret', () => {
  it('is the text of the file secretkey, without blanks around, and seals at once', async () => {
    const { key, file, sealing, accepted, told, warnings } = setUp(`${SECRET}\n`)
    await key.read
    assert.deepEqual([...file.paths], [`${FOLDER}/secretkey`])
    assert.equal(sealing(), SECRET)
    assert.deepEqual(accepted(), [SECRET])
    assert.equal(key.keys().authenticated, true)
    assert.equal(told.length, 1)
    assert.deepEqual(warnings(), [])
    key.stop()
  })

  it('that is missing leaves membership unauthenticated, with one warning', async () => {
    const { key, clock, sealing, told, warnings } = setUp()
    await key.read
    await clock.advanceAsync(MINUTE)
    assert.equal(sealing(), ZERO)
    assert.equal(key.keys().authenticated, false)
    assert.deepEqual(told, [])
    assert.deepEqual(
      warnings().map(({ message }) => message),
      [
        `${FOLDER}/secretkey does not exist: membership is not authenticated, so whoever reaches its port can take part`,
      ],
    )
    key.stop()
  })

  it('that appears late is accepted at once, seals after two minutes, and is alone after five', async () => {
    const { key, clock, file, sealing, accepted } = setUp()
    await key.read
    await clock.advanceAsync(MINUTE)
    file.text = SECRET
    await clock.advanceAsync(5000)
    assert.deepEqual([sealing(), accepted()], [ZERO, [SECRET, ZERO]])
    await clock.advanceAsync(120_000)
    assert.deepEqual([sealing(), accepted()], [SECRET, [SECRET, ZERO]])
    await clock.advanceAsync(5 * MINUTE)
    assert.deepEqual(accepted(), [SECRET])
    key.stop()
  })

  it('that is replaced is told by each step: accepted, sealing, alone', async () => {
    const { key, clock, file, told } = setUp(SECRET)
    await key.read
    file.text = OTHER
    await clock.advanceAsync(10 * MINUTE)
    const text = (secret: Uint8Array): string => Buffer.from(secret).toString()
    assert.deepEqual(
      told.map(({ sealing, accepted }) => [text(sealing), ...accepted.map(text)]),
      [
        [SECRET, SECRET],
        [SECRET, OTHER, SECRET],
        [OTHER, OTHER, SECRET],
        [OTHER, OTHER],
      ],
    )
    key.stop()
  })

  for (const [what, spoil] of [
    ['disappears', { text: undefined }],
    ['becomes empty', { text: ' \n' }],
    ['becomes far too long', { text: 'x'.repeat(5000) }],
    ['cannot be read', { error: new Error('EACCES') }],
  ] as const) {
    it(`that ${what} stays in force, with one warning`, async () => {
      const { key, clock, file, sealing, accepted, warnings } = setUp(SECRET)
      await key.read
      Object.assign(file, spoil)
      await clock.advanceAsync(10 * MINUTE)
      assert.deepEqual([sealing(), accepted()], [SECRET, [SECRET]])
      assert.equal(warnings().length, 1)
      assert.match(warnings()[0]?.message ?? '', /the last secret stays in force$/)
      key.stop()
    })
  }

  it('that is short is taken, with a warning', async () => {
    const { key, sealing, warnings } = setUp('hunter2')
    await key.read
    assert.equal(sealing(), 'hunter2')
    assert.match(warnings()[0]?.message ?? '', /can be guessed/)
    key.stop()
  })

  it('never appears in the log', async () => {
    const { key, clock, file, lines } = setUp(SECRET)
    await key.read
    file.text = OTHER
    await clock.advanceAsync(10 * MINUTE)
    file.text = 'hunter2'
    await clock.advanceAsync(10 * MINUTE)
    assert.ok(lines.length >= 3)
    assert.doesNotMatch(JSON.stringify(lines), new RegExp([SECRET, OTHER, 'hunter2'].join('|')))
    key.stop()
  })

  it('is not looked for where no folder is named', async () => {
    const { key, clock, file } = setUp(SECRET, '')
    await key.read
    await clock.advanceAsync(MINUTE)
    assert.equal(file.paths.size, 0)
    assert.equal(key.keys().authenticated, false)
    key.stop()
  })

  it('is not looked for any more after a stop', async () => {
    const { key, clock, file, told } = setUp(SECRET)
    await key.read
    key.stop()
    file.text = OTHER
    await clock.advanceAsync(10 * MINUTE)
    assert.equal(told.length, 1)
    assert.equal(clock.nextWakeAt(), undefined)
  })
})
