import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { duet, route, routes } from '../testing/duet.ts'

describe('two sessions of ours', () => {
  it('come up and exchange routes', () => {
    const { clock, left, right } = duet()
    left.session.change(routes(route('203.0.113.1/32'), route('203.0.113.2/32')))
    left.session.complete()
    clock.advance(100)
    assert.equal(left.session.view().state, 'established')
    assert.equal(right.session.view().state, 'established')
    assert.equal(left.session.view().announced, 2)
    assert.equal(right.session.counters().receivedPrefixes, 2)
  })
})
