import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from 'yaml'
import type { Outcome } from '../lab/command.ts'
import { operatorKinds } from '../lab/operator-kinds.ts'
import {
  CHART,
  EVERYTHING,
  helm,
  keyOf,
  type ManifestObject,
  METALLB_VALUES,
  objectsIn,
  setting,
} from './chart-objects.ts'
import { NAMESPACE, OBJECTS } from './manifest.ts'
import { type RealApi, startRealApi } from './real-api.ts'
import { isGranted, questions, type Right, rightsOf } from './rights.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const IN_NAMESPACE = `--namespace=${NAMESPACE}`
const KINDS = OBJECTS.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => metadata.name)

/** As those people have them, but for one thing: no controller runs here, so nobody answers for the webhook. */
const VALUES = ['--values', METALLB_VALUES, ...setting({ 'crds.validationFailurePolicy': 'Ignore' })]

/** The life of a release on a real API server, with a values file of the kind that MetalLB's users have. */
describe('a release of the chart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-chart-'))
  let api: RealApi
  before(async () => {
    api = await startRealApi()
    for (const file of operatorKinds()) await succeed(api.kubectl(['apply', '--server-side', '-f', file]))
  })
  after(async () => {
    await api?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const run = (...args: readonly string[]): Promise<Outcome> =>
    helm([...args, IN_NAMESPACE], { kubeconfig: api.server.kubeconfigPath })
  const field = async (path: string, ...what: readonly string[]): Promise<string> =>
    (await succeed(api.kubectl(['get', ...what, IN_NAMESPACE, '-o', `jsonpath={${path}}`]))).stdout
  const logLevel = (): Promise<string> =>
    field('.spec.template.spec.containers[0].args[0]', 'daemonset', 'steelyard-speaker')
  const kinds = async (): Promise<readonly string[]> => {
    const { stdout } = await succeed(api.kubectl(['get', 'crds', '-o', 'jsonpath={.items[*].metadata.name}']))
    return stdout.split(' ').filter((name) => /metallb\.io$|steelyard\.dev$/.test(name))
  }
  const pools = (): Promise<string> => field('.items[*].metadata.name', 'ipaddresspools')
  const descriptionOf = (crd: string): Promise<string> =>
    field('.spec.versions[0].schema.openAPIV3Schema.description', 'crd', crd)

  it('is installed on an empty cluster, without a warning', async () => {
    const values = ['--create-namespace', ...VALUES]
    const { stdout, stderr } = await succeed(run('install', 'steelyard', CHART, ...values))
    assert.equal(stderr, '')
    assert.match(stdout, /Steelyard \S+ is installed in metallb-system/)
    assert.deepEqual(await kinds(), KINDS.toSorted())
  })

  it('is all there, as the API server keeps it', async () => {
    const { stdout } = await succeed(run('get', 'manifest', 'steelyard'))
    const objects = objectsIn(stdout)
    const missing = await absentAmong(objects)
    assert.deepEqual([missing, objects.length > 30], [[], true])
  })

  it('is taken with everything that can be switched on, to the last field', async () => {
    const { stdout } = await succeed(run('template', 'all', CHART, ...setting(EVERYTHING)))
    const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', '-']
    const { stderr } = await succeed(api.kubectl(args, stdout))
    assert.equal(stderr, '')
  })

  it('takes the objects of a configuration', async () => {
    await succeed(api.kubectl(['apply', '-f', `${ROOT}config/samples/first-pool.yaml`]))
    assert.equal(await pools(), 'first-pool')
  })

  it('has Pods that are taken where they run, the controller also at the strictest level of pod security', async () => {
    const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await api.call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'restricted', labels: restricted } } })
    for (const [workload, namespace] of [
      ['daemonset/steelyard-speaker', NAMESPACE],
      ['deployment/steelyard-controller', NAMESPACE],
      ['deployment/steelyard-controller', 'restricted'],
    ] as const) {
      const template = JSON.parse(await field('.spec.template', workload)) as { spec: object }
      const body = {
        metadata: { generateName: 'try-' },
        spec: { ...template.spec, serviceAccountName: 'default', serviceAccount: 'default' },
      }
      await api.call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
        body: { metadata: { name: 'default' } },
      })
      const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`
      const { status, warnings, body: said } = await api.call('POST', path, { body })
      assert.deepEqual([workload, status, warnings], [workload, 201, []], said.message)
    }
  })

  for (const account of ['controller', 'speaker'] as const) {
    it(`gives the ${account} the rights of docs/rbac.md and no others`, async () => {
      const rights = rightsOf(account).map(inChart)
      const wrong: string[] = []
      for (const access of questions(rights)) {
        const user = `system:serviceaccount:${NAMESPACE}:steelyard-${account}`
        if ((await isAllowed(user, access)) !== isGranted(rights, access)) wrong.push(JSON.stringify(access))
      }
      assert.deepEqual(wrong, [])
    })
  }

  it('is upgraded to a newer chart: a kind that changed is brought up to date, one that is gone stays', async () => {
    const newer = newerChart(folder)
    await succeed(run('upgrade', 'steelyard', newer, ...VALUES, ...setting({ 'speaker.logLevel': 'debug' })))
    assert.equal(await logLevel(), '--log-level=debug')
    assert.equal(await descriptionOf('ipaddresspools.metallb.io'), 'of a newer chart')
    assert.deepEqual(await kinds(), KINDS.toSorted())
    assert.equal(await pools(), 'first-pool')
  })

  it('leaves what the controller put into the certificate of the webhook', async () => {
    const data = { data: { 'tls.crt': Buffer.from('of the controller').toString('base64') } }
    const secret = `/api/v1/namespaces/${NAMESPACE}/secrets/metallb-webhook-cert`
    const patched = await api.call('PATCH', secret, { type: 'application/merge-patch+json', body: data })
    assert.equal(patched.status, 200)
    await succeed(run('upgrade', 'steelyard', CHART, ...VALUES))
    assert.equal(await field(String.raw`.data.tls\.crt`, 'secret', 'metallb-webhook-cert'), data.data['tls.crt'])
    assert.equal(await logLevel(), '--log-level=warn')
  })

  it('is rolled back, and no pool is lost', async () => {
    await succeed(run('rollback', 'steelyard', '2'))
    assert.equal(await logLevel(), '--log-level=debug')
    await succeed(run('rollback', 'steelyard', '1'))
    assert.equal(await logLevel(), '--log-level=warn')
    assert.notEqual(await descriptionOf('ipaddresspools.metallb.io'), 'of a newer chart')
    assert.equal(await pools(), 'first-pool')
  })

  it('keeps its kinds when they are switched off', async () => {
    await succeed(run('upgrade', 'steelyard', CHART, ...VALUES, ...setting({ 'crds.enabled': false })))
    assert.deepEqual(await kinds(), KINDS.toSorted())
    assert.equal(await pools(), 'first-pool')
  })

  it('leaves, when it is uninstalled, the kinds with their objects and nothing else', async () => {
    await succeed(run('upgrade', 'steelyard', CHART, ...VALUES))
    const { stdout: manifest } = await succeed(run('get', 'manifest', 'steelyard'))
    const { stdout: told } = await succeed(run('uninstall', 'steelyard'))
    assert.match(told, /kept due to the resource policy/)
    const objects = objectsIn(manifest)
    const gone = await absentAmong(objects)
    const stays = objects.map(keyOf).filter((key) => !gone.includes(key))
    assert.deepEqual(stays.toSorted(), KINDS.map((name) => `CustomResourceDefinition ${name}`).toSorted())
    assert.equal(await pools(), 'first-pool')
  })

  it('is installed again over what was kept', async () => {
    await succeed(run('install', 'steelyard', CHART))
    assert.equal(await pools(), 'first-pool')
    await succeed(run('uninstall', 'steelyard'))
  })

  it('takes over kinds that came otherwise when it is told to, and says before that whose they are', async () => {
    const { status, stderr } = await run('install', 'lb', CHART)
    assert.notEqual(status, 0)
    assert.match(stderr, /ipaddresspools|bfdprofiles/)
    assert.match(stderr, /release-name/)
    await succeed(run('install', 'lb', CHART, '--take-ownership'))
    assert.equal(await pools(), 'first-pool')
  })

  async function absentAmong(objects: readonly ManifestObject[]): Promise<readonly string[]> {
    const file = join(folder, 'objects.json')
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
    const { stdout } = await api.kubectl(['get', '--ignore-not-found', IN_NAMESPACE, '-f', file, '-o', 'json'])
    const { items = [] } = (stdout === '' ? {} : JSON.parse(stdout)) as { readonly items?: readonly ManifestObject[] }
    const there = new Set(items.map(keyOf))
    return objects.map(keyOf).filter((key) => !there.has(key))
  }

  async function isAllowed(user: string, access: Parameters<typeof isGranted>[1]): Promise<boolean> {
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated']
    const { verb, group, resource, subresource, namespace, name } = access
    const attributes = { verb, group, resource, subresource, namespace, name }
    type Review = { readonly status: { readonly allowed: boolean } }
    const { body } = await api.call<Review>('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      body: { spec: { user, groups, resourceAttributes: attributes } },
    })
    return body.status.allowed
  }
})

async function succeed(outcome: Promise<Outcome>): Promise<Outcome> {
  const { status, stdout, stderr } = await outcome
  assert.equal(status, 0, `${stdout}${stderr}`)
  return { status, stdout, stderr }
}

/** Its own Deployment is the one name of the table that a release changes. */
function inChart(right: Right): Right {
  return right.resource === 'deployments.apps' ? { ...right, name: 'steelyard-controller' } : right
}

/** A chart as the next version might be: one kind has another text, one is gone. */
function newerChart(folder: string): string {
  const copy = join(folder, 'steelyard')
  cpSync(CHART, copy, { recursive: true })
  // A link to the sources themselves: the copy gets files of its own before anything is changed.
  rmSync(join(copy, 'files/crds'))
  cpSync(join(ROOT, 'crds'), join(copy, 'files/crds'), { recursive: true })
  const chart = join(copy, 'Chart.yaml')
  writeFileSync(chart, readFileSync(chart, 'utf8').replace(/^version: .*$/m, 'version: 99.0.0'))
  const changed = join(copy, 'files/crds/ipaddresspools.yaml')
  const crd = parse(readFileSync(changed, 'utf8')) as {
    spec: { versions: { schema: { openAPIV3Schema: { description: string } } }[] }
  }
  for (const version of crd.spec.versions) version.schema.openAPIV3Schema.description = 'of a newer chart'
  writeFileSync(changed, JSON.stringify(crd))
  rmSync(join(copy, 'files/crds/communities.yaml'))
  return copy
}
