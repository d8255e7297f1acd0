import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  ApiError,
  type ConfigObject,
  CUSTOM_RESOURCE_DEFINITIONS,
  eventRecorder,
  EVENTS,
  follow,
  isNotFound,
  LEASES,
  loadKubeConfig,
  NAMESPACES,
  type RealApi,
  realApi,
  type Resource,
  SERVICES,
} from '@steelyard/kube'
import { systemClock } from '@steelyard/runtime'
import {
  API_CONTRACT,
  type ContractSubject,
  GADGET_DEFINITION,
  GADGETS,
} from '../../packages/kube/src/contract-suite.ts'
import { type ApiServer, startApiServer } from '../lab/api-server.ts'

const NAMESPACE = 'contract'
const quiet = { debug: () => {}, info: () => {}, warn: () => {} }
const ports = { clock: systemClock, random: Math.random, timeOfDay: () => new Date(), log: quiet }

const running: { server?: ApiServer; api?: RealApi } = {}
const server = (): ApiServer => running.server ?? assert.fail('no API server')
const api = (): RealApi => running.api ?? assert.fail('no API server')

before(async () => {
  running.server = await startApiServer()
  running.api = await connect(server().kubeconfigPath)
  await api().create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  await api().create(CUSTOM_RESOURCE_DEFINITIONS, GADGET_DEFINITION)
  await isServed(GADGETS)
})

after(async () => {
  running.api?.close()
  await running.server?.stop()
})

async function connect(kubeconfig: string): Promise<RealApi> {
  return realApi(await loadKubeConfig({ kubeconfig, env: {} }))
}

async function isServed(resource: Resource): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await api().list(resource)
      return
    } catch (error) {
      // A definition that is not established yet, or a server whose caches are still filling.
      if (!isNotFound(error) && !(error instanceof ApiError && error.status === 429)) throw error
      await pause(50)
    }
  }
  assert.fail(`${resource.plural} are not served`)
}

/** etcd forgets its history, and a new API server has none either. */
async function forget(): Promise<void> {
  const { resourceVersion } = await api().list(NAMESPACES)
  const body = JSON.stringify({ revision: resourceVersion, physical: true })
  const answer = await fetch(`${server().etcdUrl}/v3/kv/compaction`, { method: 'POST', body })
  assert.equal(answer.status, 200, await answer.text())
  await server().stopServer()
  await server().startServer()
  await isServed(GADGETS)
}

const subject: ContractSubject = { api, namespace: NAMESPACE, pass: (ms) => pause(ms), forget }

describe('a real API server keeps the contract', () => {
  for (const [sentence, check] of API_CONTRACT) it(sentence, () => check(subject))
})

describe('against a real API server', () => {
  it('one kept connection after another survives the server going away and coming back', async () => {
    const follower = follow(api(), GADGETS, { ...ports, scope: { namespace: NAMESPACE } })
    await follower.synced
    await server().stopServer()
    await assert.rejects(api().list(GADGETS), /^ApiError: list gadgets.contract.steelyard.dev: Unreachable: /)
    await server().startServer()
    const made = {
      apiVersion: 'contract.steelyard.dev/v1',
      kind: 'Gadget',
      metadata: { namespace: NAMESPACE, name: 'after' },
    }
    await api().create(GADGETS, made)
    await waitFor(() => follower.objects.has(`${NAMESPACE}/after`), 15_000)
    await follower.stop()
  })

  it('a refusal says in one line who may not do what', async () => {
    const namespace = NAMESPACE
    await api().create(SERVICE_ACCOUNTS, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { namespace, name: 'nobody' },
    })
    const token = await server().kubectl('create', 'token', 'nobody', '-n', namespace)
    const nobody = await connect(server().writeKubeconfig('nobody', token.trim()))
    await assert.rejects(
      nobody.list(SERVICES, { namespace }),
      /^ApiError: list services contract: 403 Forbidden: services is forbidden: User "system:serviceaccount:contract:nobody" cannot list/,
    )
    nobody.close()
  })

  it('a token that is not known is refused as Unauthorized', async () => {
    const stranger = await connect(server().writeKubeconfig('stranger', 'not-a-token'))
    await assert.rejects(stranger.list(SERVICES), /^ApiError: list services: 401 Unauthorized: /)
    stranger.close()
  })

  it('Events are taken, folded and found by their object', async () => {
    const spec = { ports: [{ port: 80 }] }
    const metadata = { namespace: NAMESPACE, name: 'eventful' }
    const service = await api().create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata, spec })
    const recorder = eventRecorder(api(), { ...ports, component: 'metallb-controller' })
    for (let times = 0; times < 3; times++) {
      recorder.tell(service, 'Warning', 'not enough clusterips', `it has one, ${'x'.repeat(2000)}`)
      await recorder.flush()
    }
    recorder.stop()
    const fieldSelector = `involvedObject.uid=${service.metadata.uid}`
    const { items } = await api().list(EVENTS, { namespace: NAMESPACE, fieldSelector })
    assert.deepEqual(
      items.map(({ count, reason }) => [count, reason]),
      [[3, 'not enough clusterips']],
    )
  })

  it('of two replicas one leads; a crash and a pause are made good, SIGTERM hands over at once', async (t) => {
    const since = async (what: string, replica: Replica, act: () => unknown): Promise<void> => {
      const began = performance.now()
      act()
      await replica.leads()
      t.diagnostic(`${what}: the other leads after ${Math.round(performance.now() - began)} ms`)
    }
    const one = startReplica('one')
    const two = await one.leads().then(() => startReplica('two'))
    await two.standsBy()
    await since('SIGKILL', two, () => one.kill('SIGKILL'))
    const three = startReplica('three')
    await three.standsBy()
    await since('SIGTERM', three, () => two.kill('SIGTERM'))
    const four = startReplica('four')
    await four.standsBy()
    await since('SIGSTOP', four, () => three.kill('SIGSTOP'))
    three.kill('SIGCONT')
    await three.lost()
    const lease = await api().get(LEASES, { namespace: NAMESPACE, name: 'steelyard-controller' })
    assert.equal(lease.spec?.holderIdentity, 'four')
    four.kill('SIGTERM')
    await four.gone
  })
})

type Replica = {
  readonly leads: () => Promise<void>
  readonly standsBy: () => Promise<void>
  readonly lost: () => Promise<void>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly gone: Promise<unknown>
}

const LONGEST_WAIT_MS = 20_000

/** A process of its own that stands for election; it ends when the test does. */
function startReplica(identity: string): Replica {
  const program = new URL('election-replica.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, server().kubeconfigPath, NAMESPACE, identity], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  after(() => void child.kill('SIGKILL'))
  const output: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text))
  const says = (word: string) => () => waitFor(() => output.join('').includes(word), LONGEST_WAIT_MS)
  return {
    leads: says('leads'),
    standsBy: says('stands by'),
    lost: says('lost'),
    kill: (signal) => void child.kill(signal),
    gone: once(child, 'exit'),
  }
}

const SERVICE_ACCOUNTS: Resource<ConfigObject> = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
  status: false,
}

async function waitFor(holds: () => boolean, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!holds()) {
    assert.ok(performance.now() < deadline, `not within ${limitMs} ms`)
    await pause(20)
  }
}
