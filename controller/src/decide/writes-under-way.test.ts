import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { examplePools, exampleView, type ServiceExample } from '../testing/examples.ts'
import { type Allocator, configure, newAllocator, observe, remove } from './allocator.ts'

const ONE_EACH = examplePools({ a: ['10.0.0.0/32'], b: ['10.0.1.0/32'] })

function sharing(key: string, port: number, more: ServiceExample = {}): ServiceExample {
  const annotations = { 'metallb.io/allow-shared-ip': key, 'metallb.io/address-pool': 'a', ...more.annotations }
  return { ...more, annotations, spec: { ports: [{ port }], ...more.spec } }
}

const TO_B = { 'metallb.io/address-pool': 'b' }
/** What the API shows of a Service that was written once. */
const AT_A = { ips: ['10.0.0.0'] }

/** The first holds 10.0.0.0, as the API shows; what it becomes is decided, and not written yet. */
function withFirst(first: ServiceExample, changed: ServiceExample): Allocator {
  const allocator = newAllocator('')
  configure(allocator, ONE_EACH)
  observe(allocator, exampleView('default/first', { ...first, ...AT_A }))
  observe(allocator, exampleView('default/first', { ...changed, ...AT_A }))
  return allocator
}

function decidedFor(allocator: Allocator, key: string): readonly string[] | undefined {
  return allocator.subjects.get(key)?.decided?.addresses
}

describe('an address that its Service leaves, while the API still shows it there', () => {
  const cases: [name: string, first: ServiceExample, changed: ServiceExample, second: ServiceExample, free: boolean][] =
    [
      ['is not given to another', {}, { annotations: TO_B }, {}, false],
      [
        'is not given to one who wants the same port',
        sharing('k', 80),
        sharing('k', 80, { annotations: TO_B }),
        sharing('k', 80),
        false,
      ],
      [
        'is not given to one who wants the port that it has by now',
        sharing('k', 80),
        sharing('k', 443, { annotations: TO_B }),
        sharing('k', 443),
        false,
      ],
      [
        'is not given to one with the key that it had',
        sharing('k', 80),
        sharing('l', 80, { annotations: TO_B }),
        sharing('k', 443),
        false,
      ],
      [
        'is shared with one who wants another port',
        sharing('k', 80),
        sharing('k', 80, { annotations: TO_B }),
        sharing('k', 443),
        true,
      ],
    ]
  for (const [name, first, changed, second, isShared] of cases) {
    it(name, () => {
      const allocator = withFirst(first, changed)
      assert.deepEqual(decidedFor(allocator, 'default/first'), ['10.0.1.0'])
      const inA = { ...second, annotations: { 'metallb.io/address-pool': 'a', ...second.annotations } }
      observe(allocator, exampleView('default/second', inA))
      assert.deepEqual(decidedFor(allocator, 'default/second'), isShared ? ['10.0.0.0'] : undefined)
      observe(allocator, exampleView('default/first', { ...changed, ips: ['10.0.1.0'] }))
      assert.deepEqual(decidedFor(allocator, 'default/second'), ['10.0.0.0'], 'free once it was written')
    })
  }

  it('stays reserved while it is not known what became of a write', () => {
    const allocator = newAllocator('')
    configure(allocator, ONE_EACH)
    observe(allocator, exampleView('default/first', { annotations: { 'metallb.io/address-pool': 'a' } }))
    const first = allocator.subjects.get('default/first')
    assert.ok(first)
    first.sent = ['10.0.0.0']
    observe(allocator, exampleView('default/first', { annotations: TO_B }))
    observe(allocator, exampleView('default/second'))
    assert.equal(decidedFor(allocator, 'default/second'), undefined)
    first.sent = []
    observe(allocator, exampleView('default/first', { annotations: TO_B }))
    assert.deepEqual(decidedFor(allocator, 'default/second'), ['10.0.0.0'])
  })

  it('is free when the Service is gone', () => {
    const allocator = withFirst({}, { annotations: TO_B })
    observe(allocator, exampleView('default/second'))
    assert.equal(decidedFor(allocator, 'default/second'), undefined)
    remove(allocator, 'default/first')
    assert.deepEqual(decidedFor(allocator, 'default/second'), ['10.0.0.0'])
  })
})
