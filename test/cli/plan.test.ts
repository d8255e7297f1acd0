import {
  COMMUNITIES,
  IP_ADDRESS_POOLS,
  type MemoryCluster,
  memoryApi,
  NAMESPACES,
  type Resource,
  SERVICES,
} from '@steelyard/kube'
import type { KubeObject, Service } from '@steelyard/model'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import {
  controllerFixture,
  type ControllerFixture,
  end,
  pass,
  type Replica,
} from '../../controller/src/testing/controller-fixture.ts'
import { examplePoolObject } from '../../controller/src/testing/examples.ts'
import { command } from './command.ts'
import { type PlanSet, service } from './plan-set.ts'
import { expected, PLAN_SETS, type Planned, shown } from './plan-sets.ts'

/**
 * `steelyard plan` against what the controller itself then does: the whole program, on an API in memory. The plan is
 * asked before; then the same objects are applied, and the controller is left alone until it rests.
 */

const RESOURCES: Readonly<Record<string, Resource>> = {
  Service: SERVICES,
  IPAddressPool: IP_ADDRESS_POOLS,
  Namespace: NAMESPACES,
  Community: COMMUNITIES,
}
/** kubectl's own note of what it applied. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** Longer than any debounce and backoff of a controller that has nothing to retry. */
const REST_MS = 5000

describe('plan says what the controller then does:', () => {
  assert.ok(PLAN_SETS.length >= 30)
  for (const set of PLAN_SETS) {
    it(set.name, async () => {
      const fixture = controllerFixture()
      const replica = await begin(fixture, set)
      const before = shown(fixture.cluster.readAll(SERVICES))
      const { planned, exitCode } = await ask(fixture.cluster, set)
      for (const object of set.applied ?? []) await settled(fixture, () => apply(fixture.cluster, object))
      for (const object of set.deleted ?? []) await settled(fixture, () => remove(fixture.cluster, object))
      assert.deepEqual(shown(fixture.cluster.readAll(SERVICES)), expected(before, planned, set))
      assert.equal(planned.moves, set.moves)
      assert.equal(exitCode === 2, set.moves)
      await end(fixture.clock, replica)
    })
  }
})

async function begin(fixture: ControllerFixture, { pools, services }: PlanSet): Promise<Replica> {
  const { cluster } = fixture
  for (const name of ['shop', 'metallb-system'])
    apply(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const [name, [addresses, more]] of Object.entries(pools))
    apply(cluster, examplePoolObject(name, addresses, more))
  for (const [at, [key, file]] of Object.entries(services).entries()) apply(cluster, service(key, file), at)
  const replica = fixture.start()
  await pass(fixture.clock, REST_MS)
  return replica
}

async function settled({ clock }: ControllerFixture, change: () => void): Promise<void> {
  change()
  await pass(clock, REST_MS)
}

async function ask(
  cluster: MemoryCluster,
  { applied = [], deleted = [] }: PlanSet,
): Promise<{ planned: Planned; exitCode: number }> {
  const text = (objects: readonly KubeObject[]): string => objects.map((object) => stringify(object)).join('---\n')
  const files = { 'change.yaml': text(applied), 'gone.yaml': text(deleted) }
  const argv = ['plan', '-f', 'change.yaml', '--delete', 'gone.yaml', '-o', 'json']
  const { out, err, exitCode } = await command({ api: memoryApi({ cluster }), files }, ...argv)
  assert.equal(err, '')
  return { planned: JSON.parse(out) as Planned, exitCode }
}

/** As the API server and a server-side apply have it: what the file says, beside what others have set. */
function apply(cluster: MemoryCluster, object: KubeObject, age = 100): void {
  const resource = RESOURCES[object.kind]!
  const before = cluster.read(resource, object.metadata)
  const { metadata } = object
  const createdAt = new Date(Date.UTC(2026, 0, 1, 0, age)).toISOString()
  const merged = {
    creationTimestamp: createdAt,
    uid: `${object.kind} ${metadata.name}`,
    ...before?.metadata,
    ...metadata,
    annotations: { ...before?.metadata.annotations, ...metadata.annotations, [LAST_APPLIED]: JSON.stringify(object) },
    generation: (before?.metadata.generation ?? 0) + 1,
  }
  const kept: (KubeObject & { readonly status?: object }) | undefined = before
  const status = kept?.status === undefined ? {} : { status: kept.status }
  const stored = object.kind === 'Service' ? withClusterIps(object) : object
  cluster.put(resource, { ...stored, metadata: merged, ...status })
}

function withClusterIps(object: Service): Service {
  const isDual = (object.spec?.ipFamilies?.length ?? 0) > 1
  return { ...object, spec: { ...object.spec, clusterIPs: isDual ? ['10.96.0.9', 'fd00:96::9'] : ['10.96.0.9'] } }
}

function remove(cluster: MemoryCluster, object: KubeObject): void {
  cluster.remove(RESOURCES[object.kind]!, object.metadata)
}
