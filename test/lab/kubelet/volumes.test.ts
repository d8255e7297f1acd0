import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import type { Secret } from '@steelyard/model'
import { type LabApi, LabApiError } from '../api.ts'
import { type Container, containerOf, type Pod, type Volume } from './pod.ts'
import { refreshConfigMap, refreshSecret, type PodWorld, writeVolumes } from './volumes.ts'

const base = mkdtempSync(join(tmpdir(), 'steelyard-volumes-'))
after(() => rmSync(base, { recursive: true }))
let folders = { volumes: '', disk: '' }
beforeEach(() => {
  const folder = mkdtempSync(join(base, 'pod-'))
  folders = { volumes: join(folder, 'volumes'), disk: join(folder, 'disk') }
})

const SECRET_VOLUME: Volume = { name: 'key', secret: { secretName: 'memberlist', optional: true } }
const STATE_VOLUME: Volume = { name: 'state', hostPath: { path: '/var/lib/steelyard', type: 'DirectoryOrCreate' } }

function podWith(...volumes: readonly Volume[]): Pod {
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/mnt/${name}` }))
  const container: Container = { name: 'speaker', image: 'any', volumeMounts }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'speaker-x', namespace: 'metallb-system', uid: 'u1' },
    spec: { containers: [container], volumes },
  }
}

/** An API that has these objects by path, and no others. */
function worldOf(pod: Pod, objects: Readonly<Record<string, unknown>> = {}): PodWorld {
  const get = (path: string): Promise<unknown> =>
    path in objects ? Promise.resolve(objects[path]) : Promise.reject(new LabApiError(path, 404, 'no such object'))
  return { api: { get } as LabApi, pod, facts: { nodeName: 'n1', hostIp: '192.0.2.11', podIps: ['192.0.2.11'] } }
}

const write = (world: PodWorld): ReturnType<typeof writeVolumes> => writeVolumes(world, containerOf(world.pod), folders)

function secret(text: string, namespace = 'metallb-system'): Secret {
  const data = { secretkey: Buffer.from(text).toString('base64') }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'memberlist', namespace }, data }
}

describe('a volume made of a Secret', () => {
  const file = (): string => join(folders.volumes, 'key', 'secretkey')

  it('has its data as files', async () => {
    const path = '/api/v1/namespaces/metallb-system/secrets/memberlist'
    const mounts = await write(worldOf(podWith(SECRET_VOLUME), { [path]: secret('one') }))
    assert.deepEqual(mounts, [{ source: join(folders.volumes, 'key'), path: '/mnt/key' }])
    assert.equal(readFileSync(file(), 'utf8'), 'one')
  })

  it('is empty when an optional one is missing, and filled when it appears and whenever it changes', async () => {
    const pod = podWith(SECRET_VOLUME)
    await write(worldOf(pod))
    assert.deepEqual(readdirSync(join(folders.volumes, 'key')), [])
    for (const text of ['one', 'two']) {
      refreshSecret(pod, folders.volumes, secret(text))
      assert.equal(readFileSync(file(), 'utf8'), text)
    }
  })

  it('is no volume to start with when it is missing and not optional', async () => {
    const { optional: _, ...needed } = SECRET_VOLUME.secret ?? { secretName: '' }
    await assert.rejects(write(worldOf(podWith({ name: 'key', secret: needed }))), LabApiError)
  })

  it('is not filled by the Secret of another namespace, or by a ConfigMap of its name', async () => {
    const pod = podWith(SECRET_VOLUME)
    await write(worldOf(pod))
    refreshSecret(pod, folders.volumes, secret('one', 'default'))
    const metadata = { name: 'memberlist', namespace: 'metallb-system' }
    refreshConfigMap(pod, folders.volumes, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { secretkey: 'x' } })
    assert.equal(existsSync(file()), false)
  })

  it('is not made for a Pod that does not run yet', () => {
    refreshSecret(podWith(SECRET_VOLUME), folders.volumes, secret('one'))
    assert.equal(existsSync(folders.volumes), false)
  })
})

describe('a folder of the node', () => {
  it("is made on what stands for the node's disk, and keeps what is in it for the next Pod", async () => {
    const source = join(folders.disk, 'var/lib/steelyard')
    const world = worldOf(podWith(STATE_VOLUME))
    assert.deepEqual(await write(world), [{ source, path: '/mnt/state' }])
    writeFileSync(join(source, 'claims'), 'kept')
    mkdirSync(folders.volumes, { recursive: true })
    rmSync(folders.volumes, { recursive: true })
    await write(world)
    assert.equal(readFileSync(join(source, 'claims'), 'utf8'), 'kept')
  })

  it('of another type than the manifests use is an error', async () => {
    const socket: Volume = { name: 'run', hostPath: { path: '/run/containerd.sock', type: 'Socket' } }
    await assert.rejects(write(worldOf(podWith(socket))), /DirectoryOrCreate only, not Socket/)
  })
})
