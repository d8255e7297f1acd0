import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CallName, Failure } from '@steelyard/kube'
import {
  allIps,
  end,
  type ControllerFixture,
  controllerFixture,
  ipsOf,
  pass,
  putPool,
  putService,
  putServices,
  readService,
  removeService,
  type Replica,
  until,
} from './testing/controller-fixture.ts'

const isServiceWrite = ({ verb, resource }: CallName): boolean => verb === 'update' && resource.plural === 'services'

async function startWith(addresses: readonly string[]): Promise<ControllerFixture & { readonly replica: Replica }> {
  const fixture = controllerFixture()
  putPool(fixture.cluster, 'web', addresses)
  const replica = fixture.start()
  await until(fixture.clock, replica.controller.isActive)
  return { ...fixture, replica }
}

describe('a status write that fails', () => {
  const failures: [name: string, failure: Partial<Failure>, level: string][] = [
    ['the connection breaks', { status: 0, reason: 'Unreachable' }, 'warn'],
    ['no answer comes', { status: 0, reason: 'TimedOut' }, 'warn'],
    ['the server has an internal error', { status: 500, reason: 'InternalError' }, 'warn'],
    ['the server is not available', { status: 503, reason: 'ServiceUnavailable' }, 'warn'],
    ['the server times out', { status: 504, reason: 'Timeout' }, 'warn'],
    ['there were too many requests', { status: 429, reason: 'TooManyRequests', retryAfterMs: 1000 }, 'warn'],
    ['the credentials are refused', { status: 401, reason: 'Unauthorized' }, 'warn'],
    ['the right is missing', { status: 403, reason: 'Forbidden' }, 'warn'],
    ['the object is called invalid', { status: 422, reason: 'Invalid' }, 'warn'],
    ['somebody else was faster', { status: 409, reason: 'Conflict' }, 'debug'],
    ['the Service is said to be gone, and is not', { status: 404, reason: 'NotFound' }, 'debug'],
  ]
  for (const [name, failure, level] of failures) {
    it(`because ${name}: is tried again, and nobody else is given the address meanwhile`, async () => {
      const { cluster, clock, replica } = await startWith(['10.0.0.0/24'])
      replica.api.faults.failNext(4, failure, (call) => isServiceWrite(call) && call.ref?.name === 'web')
      putService(cluster, 'default/web')
      await clock.advanceAsync(10)
      putService(cluster, 'default/other')
      await until(clock, () => ipsOf(cluster, 'default/other').length === 1)
      assert.deepEqual(ipsOf(cluster, 'default/other'), ['10.0.0.1'])
      await until(clock, () => ipsOf(cluster, 'default/web').length === 1)
      assert.deepEqual(ipsOf(cluster, 'default/web'), ['10.0.0.0'])
      const line = replica.log.find(({ op }) => op === 'update services/status')
      assert.equal(line?.level, level)
      assert.equal(line?.service, 'default/web')
      await end(clock, replica)
    })
  }

  it('because the answer was lost: is found to be stored, and not written again', async () => {
    const { cluster, clock, replica } = await startWith(['10.0.0.0/24'])
    replica.api.faults.loseNextAnswers(1, isServiceWrite)
    putService(cluster, 'default/web')
    await pass(clock, 3000)
    assert.deepEqual(ipsOf(cluster, 'default/web'), ['10.0.0.0'])
    assert.equal(replica.api.calls.filter(isServiceWrite).length, 1)
    await end(clock, replica)
  })

  it('for all Services at once: is told once, and all are written when the API is back', async () => {
    const { cluster, clock, replica } = await startWith(['10.0.0.0/24'])
    replica.api.faults.failNext(300, { status: 503, reason: 'ServiceUnavailable' }, isServiceWrite)
    const keys = putServices(cluster, 100)
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
    assert.equal(new Set(allIps(cluster)).size, 100)
    const told = replica.log.filter(({ op, level }) => op === 'update services/status' && level === 'warn')
    assert.equal(told.length, 1)
    await end(clock, replica)
  })
})

describe('a Service that changes while it is written', () => {
  const moments: [name: string, afterMs: number, conflicts: boolean][] = [
    ['before the write arrives', 100, true],
    ['between the write and its answer', 300, false],
  ]
  for (const [name, afterMs, conflicts] of moments) {
    it(`${name}: keeps what its owner wrote, and gets its address`, async () => {
      const { cluster, clock, replica } = await startWith(['10.0.0.0/24'])
      replica.api.faults.delay(400)
      putService(cluster, 'default/web')
      await clock.advanceAsync(afterMs)
      putService(cluster, 'default/web', { labels: { changed: 'meanwhile' } })
      await pass(clock, 3000)
      assert.deepEqual(ipsOf(cluster, 'default/web'), ['10.0.0.0'])
      assert.equal(readService(cluster, 'default/web')?.metadata.labels?.['changed'], 'meanwhile')
      const conflict = replica.log.find(({ op }) => op === 'update services/status')
      assert.equal(conflict?.level, conflicts ? 'debug' : undefined)
      assert.equal(replica.api.calls.filter(isServiceWrite).length, conflicts ? 2 : 1)
      await end(clock, replica)
    })
  }

  it('gets what it asks for by then', async () => {
    const { cluster, clock, replica } = await startWith(['10.0.0.0/24'])
    replica.api.faults.delay(400)
    putService(cluster, 'default/web')
    await clock.advanceAsync(100)
    putService(cluster, 'default/web', { annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.9' } })
    await until(clock, () => ipsOf(cluster, 'default/web')[0] === '10.0.0.9')
    putService(cluster, 'default/other')
    await until(clock, () => ipsOf(cluster, 'default/other')[0] === '10.0.0.0')
    await end(clock, replica)
  })

  it('leaves its address to one who waits when it is deleted meanwhile', async () => {
    const { cluster, clock, replica } = await startWith(['10.0.0.0/32'])
    replica.api.faults.delay(400)
    putService(cluster, 'default/web')
    await clock.advanceAsync(50)
    putService(cluster, 'default/waits')
    await clock.advanceAsync(50)
    removeService(cluster, 'default/web')
    await until(clock, () => ipsOf(cluster, 'default/waits')[0] === '10.0.0.0')
    assert.equal(readService(cluster, 'default/web'), undefined)
    await end(clock, replica)
  })

  it('is another Service when it comes back under its name: the write for the first one is refused, its own comes', async () => {
    const { cluster, clock, replica } = await startWith(['10.0.0.0/24'])
    replica.api.faults.delay(400)
    putService(cluster, 'default/web', { uid: 'first' })
    await clock.advanceAsync(100)
    removeService(cluster, 'default/web')
    putService(cluster, 'default/web', { uid: 'second', annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.7' } })
    await until(clock, () => ipsOf(cluster, 'default/web')[0] === '10.0.0.7')
    await pass(clock, 3000)
    assert.deepEqual(allIps(cluster), ['10.0.0.7'])
    putService(cluster, 'default/other')
    await until(clock, () => ipsOf(cluster, 'default/other')[0] === '10.0.0.0')
    await end(clock, replica)
  })

  it('never shows an address that another one still shows', async () => {
    const { cluster, clock, replica } = await startWith(['10.0.0.0/32', '10.0.0.9/32'])
    putService(cluster, 'default/web')
    await until(clock, () => ipsOf(cluster, 'default/web')[0] === '10.0.0.0')
    // It leaves for .9, but that cannot be stored for a while: .0 stays its own.
    replica.api.faults.failNext(5, { status: 403, reason: 'Forbidden' }, isServiceWrite)
    putService(cluster, 'default/web', { annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.9' } })
    await clock.advanceAsync(10)
    putService(cluster, 'default/waits')
    await clock.advanceAsync(100)
    assert.deepEqual(ipsOf(cluster, 'default/waits'), [])
    await until(clock, () => ipsOf(cluster, 'default/waits')[0] === '10.0.0.0')
    assert.deepEqual(ipsOf(cluster, 'default/web'), ['10.0.0.9'])
    await end(clock, replica)
  })
})
