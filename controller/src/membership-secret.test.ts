import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { DEPLOYMENTS, memoryApi, type MemoryCluster, memoryCluster, SECRETS } from '@steelyard/kube'
import type { Secret } from '@steelyard/model'
import { createLogger } from '@steelyard/program'
import { fakeClock, seededRandom } from '@steelyard/runtime'
import { ownDeployment } from './own-deployment.ts'
import { controllerFixture, end, NAMESPACE, pass, type Replica, until } from './testing/controller-fixture.ts'

const REF = { namespace: NAMESPACE, name: 'memberlist' }
const OWNER = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'controller', uid: 'deployment-1' }
const WANTED = {
  membershipSecret: { name: 'memberlist', owner: OWNER, newSecret: () => randomBytes(16).toString('base64') },
}

function read(cluster: MemoryCluster): Secret | undefined {
  return cluster.read(SECRETS, REF)
}

function secretCalls({ api }: Replica): readonly string[] {
  return api.calls.filter(({ resource }) => resource.plural === 'secrets').map(({ verb }) => verb)
}

describe('the membership Secret', () => {
  it('is created with 16 random bytes in base64, owned by the Deployment', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start('one', WANTED)
    await until(clock, () => read(cluster) !== undefined)
    const { metadata, type, data = {} } = read(cluster)!
    assert.deepEqual(metadata.ownerReferences, [OWNER])
    assert.equal(type, 'Opaque')
    assert.deepEqual(Object.keys(data), ['secretkey'])
    const text = Buffer.from(data['secretkey'] ?? '', 'base64').toString()
    assert.match(text, /^[A-Za-z0-9+/]{22}==$/)
    assert.equal(Buffer.from(text, 'base64').length, 16)
    await end(clock, replica)
  })

  it('appears in no line of the log', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start('one', WANTED)
    await until(clock, () => read(cluster) !== undefined)
    const data = read(cluster)?.data?.['secretkey'] ?? ''
    const lines = JSON.stringify(replica.log)
    assert.ok(lines.includes('created the membership Secret'))
    assert.ok(!lines.includes(data) && !lines.includes(Buffer.from(data, 'base64').toString()))
    await end(clock, replica)
  })

  it('that exists is left alone and not even read, whatever is in it', async () => {
    const { cluster, clock, start } = controllerFixture()
    const there: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { ...REF, uid: 's' }, data: { secretkey: '' } }
    const before = cluster.put(SECRETS, there)
    const replica = start('one', WANTED)
    await until(clock, () => secretCalls(replica).length > 0)
    await pass(clock, 60_000)
    assert.deepEqual(read(cluster), before)
    assert.deepEqual(secretCalls(replica), ['create'])
    assert.ok(!replica.log.some(({ level }) => level === 'warn' || level === 'error'))
    await end(clock, replica)
  })

  it('is created by the active replica only', async () => {
    const { clock, start } = controllerFixture()
    const [first, second] = [start('one', WANTED), start('two', WANTED)]
    await until(clock, () => first.controller.isActive() || second.controller.isActive())
    await pass(clock, 10_000)
    assert.equal([...secretCalls(first), ...secretCalls(second)].length, 1)
    await end(clock, first, second)
  })

  it('is created in the end, when the API fails at first', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start('one', WANTED)
    replica.api.faults.failNext(4, {}, ({ resource }) => resource.plural === 'secrets')
    await until(clock, () => read(cluster) !== undefined)
    await end(clock, replica)
  })

  it('is not created where none is named', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start()
    await until(clock, replica.controller.isActive)
    await pass(clock, 10_000)
    assert.equal(read(cluster), undefined)
    assert.deepEqual(secretCalls(replica), [])
    await end(clock, replica)
  })
})

describe('the Deployment that is to own it', () => {
  const ref = { namespace: NAMESPACE, name: 'controller' }
  const setUp = () => {
    const clock = fakeClock()
    const cluster = memoryCluster()
    const api = memoryApi({ cluster, clock })
    const log = createLogger({ level: 'none', caller: 'test' })
    return { clock, cluster, api, found: () => ownDeployment({ api, clock, random: seededRandom(1), log }, ref) }
  }

  it('is told by name and uid', async () => {
    const { cluster, found } = setUp()
    cluster.put(DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...ref, uid: 'd1' } })
    assert.deepEqual(await found(), { apiVersion: 'apps/v1', kind: 'Deployment', name: 'controller', uid: 'd1' })
  })

  it('must exist', async () => {
    const { found } = setUp()
    await assert.rejects(
      found,
      /^Error: --deployment: found metallb-system\/controller \(.*404.*\); accepted: the Deploy/,
    )
  })

  it('must be readable', async () => {
    const { api, found } = setUp()
    api.faults.failNext(1, { status: 403, reason: 'Forbidden' })
    await assert.rejects(found, /403 Forbidden/)
  })

  it('is waited for while the API server is away', async () => {
    const { cluster, clock, api, found } = setUp()
    cluster.put(DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...ref, uid: 'd1' } })
    api.faults.failNext(3, {})
    const asked = found()
    await clock.advanceAsync(60_000)
    assert.equal((await asked).uid, 'd1')
  })
})
