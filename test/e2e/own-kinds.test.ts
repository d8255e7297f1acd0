import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Condition, KubeObject, Secret } from '@steelyard/model'
import { installSteelyard } from '../lab/install.ts'
import { type Lab, startLab } from '../lab/lab.ts'

/** What the shipped product does about the secret of membership and the kinds of its own. */

const NAMESPACE = 'metallb-system'
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/controller`
const PEER_POLICIES = `/apis/steelyard.dev/v1alpha1/namespaces/${NAMESPACE}/bgppeerpolicies`
const STATES = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates`
const POLICIES = '/apis/steelyard.dev/v1alpha1/speakerpolicies'

type Policy = KubeObject & {
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] }
}

let lab: Lab
before(async () => {
  lab = await startLab({ suffix: `k${process.pid}`, nodes: 2 })
  await installSteelyard(lab, { controllers: 2 })
})
after(() => lab.stop())

function controllerLogs(): string {
  return lab.programs
    .of('controller')
    .map((pod) => readFileSync(pod.logFile(), 'utf8'))
    .join('')
}

describe('the secret of membership', () => {
  let secret: Secret

  it('is made by the controller, and goes with its Deployment', async () => {
    secret = await lab.waitFor('the Secret', () => lab.api.get<Secret>(`${SECRETS}/memberlist`).catch(() => undefined))
    const { metadata } = await lab.api.get(DEPLOYMENT)
    assert.deepEqual(
      secret.metadata.ownerReferences?.map(({ kind, name, uid }) => ({ kind, name, uid })),
      [{ kind: 'Deployment', name: 'controller', uid: metadata.uid }],
    )
    assert.match(textOf(secret), /^[A-Za-z0-9+/]{22}==$/)
  })

  it('comes to every speaker, whether it started before or after', async () => {
    for (const { name } of lab.nodes) {
      const seen = `/proc/${lab.programs.speakerOn(name).pid()}/root/etc/ml_secret_key/secretkey`
      await lab.waitFor(
        `the secret on ${name}`,
        () => existsSync(seen) && readFileSync(seen, 'utf8') === textOf(secret),
      )
    }
  })

  it('is not touched when a controller starts again', async () => {
    for (const pod of lab.programs.of('controller')) lab.programs.kill(pod)
    await lab.waitFor('both to be ready', () => lab.programs.of('controller').every((pod) => pod.isReady()))
    // Whatever the new leader does at its start is done before it says that a policy is in force.
    await lab.api.create(POLICIES, policy({ partition: 'fenced' }))
    await inForce(1)
    const { metadata, data } = await lab.api.get<Secret>(`${SECRETS}/memberlist`)
    assert.deepEqual([metadata.resourceVersion, data], [secret.metadata.resourceVersion, secret.data])
  })

  it('is in no log', () => {
    const logs = `${controllerLogs()}${lab.nodes.map(({ name }) => readFileSync(lab.programs.speakerOn(name).logFile(), 'utf8')).join('')}`
    assert.ok(logs.includes('created the membership Secret'))
    assert.ok(!logs.includes(textOf(secret)))
  })
})

describe('the SpeakerPolicy', () => {
  it('says which values are in force', async () => {
    const condition = await inForce(1)
    assert.equal(condition.status, 'True')
    assert.match(condition.message ?? '', /heartbeats every 100 ms.*partition fenced/)
  })

  it('says so of each change', async () => {
    await lab.api.patch(`${POLICIES}/default`, { spec: { membership: { heartbeatInterval: '200ms' } } })
    assert.match((await inForce(2)).message ?? '', /heartbeats every 200 ms/)
  })

  it('and neither is a right missing for any of it', () => assert.doesNotMatch(controllerLogs(), /forbidden/i))
})

describe('the BGPPeerPolicy', () => {
  it('is read by every speaker: two for all peers are refused, and both are named', async () => {
    for (const name of ['one', 'other']) await lab.api.create(PEER_POLICIES, peerPolicy(name))
    const refusal = /BGPPeerPolicy other: spec\.peers: .*BGPPeerPolicy one/
    for (const { name } of lab.nodes) await configuration(name, ({ errorSummary = '' }) => refusal.test(errorSummary))
  })

  it('and in force again when one of them goes', async () => {
    await lab.api.remove(`${PEER_POLICIES}/other`)
    for (const { name } of lab.nodes) await configuration(name, ({ result }) => result === 'Valid')
  })
})

type Configuration = { readonly result?: string; readonly errorSummary?: string }

function configuration(node: string, is: (status: Configuration) => boolean): Promise<boolean> {
  return lab.waitFor(`the configuration of ${node}`, async () => {
    const { status } = await lab.api.get<KubeObject & { readonly status?: Configuration }>(`${STATES}/speaker-${node}`)
    return status !== undefined && is(status)
  })
}

function peerPolicy(name: string): object {
  return {
    apiVersion: 'steelyard.dev/v1alpha1',
    kind: 'BGPPeerPolicy',
    metadata: { name, namespace: NAMESPACE },
    spec: {},
  }
}

function textOf({ data }: Secret): string {
  return Buffer.from(data?.['secretkey'] ?? '', 'base64').toString()
}

function policy(spec: object): object {
  return { apiVersion: 'steelyard.dev/v1alpha1', kind: 'SpeakerPolicy', metadata: { name: 'default' }, spec }
}

function inForce(generation: number): Promise<Condition> {
  return lab.waitFor(`a word on generation ${generation}`, async () => {
    const { status } = await lab.api.get<Policy>(`${POLICIES}/default`)
    return status?.observedGeneration === generation && status.conditions?.find(({ type }) => type === 'InForce')
  })
}
