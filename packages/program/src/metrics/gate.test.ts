import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CallerVerdict, gate } from './gate.ts'

type Answer = CallerVerdict | Error

function scene(answers: Record<string, Answer> = {}) {
  const clock = { at: 0, now: () => clock.at }
  const asked: string[] = []
  const entrance = gate({
    clock,
    review: async (token) => {
      asked.push(token)
      const answer = answers[token] ?? { kind: 'unknown', why: 'the token is not valid' }
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  const admit = async (token: string): Promise<number | string> => {
    const admission = await entrance.admit(`Bearer ${token}`)
    return admission.ok ? 'in' : admission.status
  }
  return { clock, asked, answers, entrance, admit }
}

describe('who may read the metrics', () => {
  it('shows a bearer token, whatever else comes instead is refused without a question', async () => {
    const { entrance, asked } = scene()
    for (const header of [undefined, '', 'Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'Bearer \u00E4']) {
      const admission = await entrance.admit(header)
      assert.ok(!admission.ok)
      assert.equal(admission.status, 401)
      assert.match(admission.why, /bearer token is needed/)
    }
    assert.deepEqual(asked, [])
  })

  it('is told 401, 403 or 503, and why', async () => {
    const { entrance } = scene({
      stranger: { kind: 'unknown', why: 'the token is not valid' },
      guest: { kind: 'forbidden', why: 'guest has no right to get /metrics' },
      early: new Error('tokenreviews is forbidden'),
    })
    const told = async (token: string): Promise<string> => {
      const admission = await entrance.admit(`Bearer ${token}`)
      return admission.ok ? 'in' : `${admission.status} ${admission.why}`
    }
    assert.equal(await told('stranger'), '401 the token is not valid')
    assert.equal(await told('guest'), '403 guest has no right to get /metrics')
    assert.equal(await told('early'), '503 the API server could not be asked who you are: tokenreviews is forbidden')
  })

  it('is asked about once a minute, and once however many connections there are', async () => {
    const { admit, asked, clock } = scene({ prometheus: { kind: 'allowed' } })
    assert.deepEqual(await Promise.all(['prometheus', 'prometheus', 'prometheus'].map(admit)), ['in', 'in', 'in'])
    assert.equal(asked.length, 1)
    clock.at = 59_000
    await admit('prometheus')
    assert.equal(asked.length, 1)
    clock.at = 60_000
    await admit('prometheus')
    assert.equal(asked.length, 2)
  })

  it('gets in 5 seconds after the right was given', async () => {
    const { admit, answers, clock } = scene({ prometheus: { kind: 'forbidden', why: '' } })
    assert.equal(await admit('prometheus'), 403)
    answers['prometheus'] = { kind: 'allowed' }
    clock.at = 4999
    assert.equal(await admit('prometheus'), 403)
    clock.at = 5000
    assert.equal(await admit('prometheus'), 'in')
  })

  it('and was let in lately stays for ten minutes while the API server is away, and nobody else', async () => {
    const { admit, answers, clock } = scene({ prometheus: { kind: 'allowed' } })
    assert.equal(await admit('prometheus'), 'in')
    answers['prometheus'] = answers['other'] = new Error('Unreachable')
    clock.at = 599_000
    assert.equal(await admit('prometheus'), 'in')
    assert.equal(await admit('other'), 503)
    clock.at = 600_000
    assert.equal(await admit('prometheus'), 503)
  })

  it('is out at once when the API server says so', async () => {
    const { admit, answers, clock } = scene({ prometheus: { kind: 'allowed' } })
    await admit('prometheus')
    answers['prometheus'] = { kind: 'forbidden', why: '' }
    clock.at = 60_000
    assert.equal(await admit('prometheus'), 403)
    answers['prometheus'] = new Error('Unreachable')
    clock.at = 70_000
    assert.equal(await admit('prometheus'), 503)
  })

  it('cannot make us remember, or ask, more than a little', async () => {
    const { admit, asked, entrance } = scene()
    const many = await Promise.all(Array.from({ length: 100 }, (_, at) => admit(`token${at}`)))
    assert.equal(many.filter((status) => status === 503).length, 92)
    assert.equal(asked.length, 8)
    for (let at = 100; at < 300; at++) await entrance.admit(`Bearer token${at}`)
    const before = asked.length
    await admit('token299')
    assert.equal(asked.length, before)
    await admit('token100')
    assert.equal(asked.length, before + 1)
  })
})
