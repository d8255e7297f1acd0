import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errorText } from './error-text.ts'
import { createLogger, LOG_LEVELS, type LogLevel } from './logger.ts'

function logTo(level: LogLevel): { lines: Record<string, unknown>[]; log: ReturnType<typeof createLogger> } {
  const lines: Record<string, unknown>[] = []
  const to = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }
  return { lines, log: createLogger({ level, caller: 'main', to }) }
}

describe('the log', () => {
  it('writes the fields of the contract and nothing of its own', () => {
    const { lines, log } = logTo('info')
    log.from('layer2').info('announced', { event: 'serviceAnnounced', service: 'a/b', ips: ['192.0.2.1'] })
    const { ts, ...rest } = lines[0] ?? {}
    assert.match(String(ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.deepEqual(rest, {
      level: 'info',
      caller: 'layer2',
      msg: 'announced',
      event: 'serviceAnnounced',
      service: 'a/b',
      ips: ['192.0.2.1'],
    })
  })
  it('writes an error as its message and those of its causes', () => {
    const { lines, log } = logTo('info')
    log.error('no luck', { error: new Error('list services', { cause: new Error('connection refused') }) })
    assert.equal(lines[0]?.['error'], 'list services: connection refused')
  })

  const written: Readonly<Record<LogLevel, number>> = { all: 4, debug: 4, info: 3, warn: 2, error: 1, none: 0 }
  for (const level of LOG_LEVELS) {
    it(`writes ${written[level]} of four levels at ${level}`, () => {
      const { lines, log } = logTo(level)
      log.debug('d')
      log.info('i')
      log.warn('w')
      log.error('e')
      assert.equal(lines.length, written[level])
    })
  }
})

describe('errorText', () => {
  const looped = new Error('round')
  looped.cause = looped
  const cases: [name: string, error: unknown, text: string][] = [
    ['takes a thrown string as it is', 'plain', 'plain'],
    ['names an error without a message', new TypeError(), 'TypeError'],
    ['does not repeat a cause the message already tells', new Error('a: b', { cause: new Error('b') }), 'a: b'],
    ['ends in a circle of causes', looped, 'round'],
    ['shows a thrown object', { status: 404 }, '{"status":404}'],
    ['shows a thrown nothing', undefined, 'undefined'],
  ]
  for (const [name, error, text] of cases) it(name, () => assert.equal(errorText(error), text))
})
