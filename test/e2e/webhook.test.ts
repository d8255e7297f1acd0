import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import type { Condition, KubeObject, Secret, Service } from '@steelyard/model'
import { makeAuthority } from '@steelyard/program'
import type { Outcome } from '../lab/command.ts'
import { installSteelyard } from '../lab/install.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { OBJECTS } from './manifest.ts'

/** The shipped webhook on a real API server: what people see who make a mistake, and what goes on when it is broken. */

const NAMESPACE = 'metallb-system'
const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/metallb-webhook-cert`
const STATE = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates/controller`
const CONFIGURATION =
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/metallb-webhook-configuration'
const ROLE = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles/webhook-controller`

type State = KubeObject & {
  readonly status?: {
    readonly result?: string
    readonly errorSummary?: string
    readonly conditions?: readonly Condition[]
  }
}

let lab: Lab
before(async () => {
  lab = await startLab({ suffix: `h${process.pid}`, nodes: 1, webhooks: true })
  await installSteelyard(lab, { controllers: 2 })
})
after(() => lab.stop())

const object = (kind: string, name: string, spec: object, more: object = {}): string =>
  stringify({ apiVersion: 'metallb.io/v1beta1', kind, metadata: { name, namespace: NAMESPACE }, spec, ...more })
const pool = (name: string, ...addresses: readonly string[]): string => object('IPAddressPool', name, { addresses })
const peer = (name: string, spec: object, version = 'v1beta2'): string =>
  object('BGPPeer', name, { myASN: 64512, peerASN: 64513, ...spec }, { apiVersion: `metallb.io/${version}` })
const apply = (yaml: string): Promise<Outcome> => lab.tryKubectl(['apply', '-f', '-'], yaml)
const remove = (kind: string, name: string): Promise<Outcome> => lab.tryKubectl(['-n', NAMESPACE, 'delete', kind, name])

async function isTaken(yaml: string): Promise<string> {
  const { status, stderr } = await apply(yaml)
  assert.equal(status, 0, stderr)
  return stderr
}

async function isRefused(yaml: string, ...words: readonly string[]): Promise<void> {
  const { status, stderr } = await apply(yaml)
  assert.notEqual(status, 0)
  for (const word of words) assert.ok(stderr.includes(word), `${stderr}\nshould tell ${word}`)
}

async function webhookReady(status: 'True' | 'False', says = /^/): Promise<State> {
  return lab.waitFor(`webhookReady to be ${status} with ${says}`, async () => {
    const state = await lab.api.get<State>(STATE).catch(() => undefined)
    const condition = state?.status?.conditions?.find(({ type }) => type === 'webhookReady')
    return condition?.status === status && says.test(condition.message ?? '') && state
  })
}

/** A change of trust or of a follower takes the API server a moment. */
async function becomesRefused(yaml: string, name: string): Promise<void> {
  await lab.waitFor('the webhook to refuse again', async () => {
    const { status } = await lab.tryKubectl(['apply', '--dry-run=server', '-f', '-'], yaml)
    return status !== 0
  })
  await isRefused(yaml, 'denied the request', name)
}

let services = 0
/** A Service made now gets an address. */
async function allocates(): Promise<void> {
  services++
  const name = `s${services}`
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'none' } }
  await lab.apply(stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec }))
  await lab.waitFor(`an address for ${name}`, async () => {
    const { status } = await lab.api.get<Service>(`/api/v1/namespaces/default/services/${name}`)
    return (status?.loadBalancer?.ingress ?? []).length > 0
  })
}

const OVERLAP = pool('overlapping', '192.168.67.150-192.168.67.160')

describe('a mistake between objects', () => {
  before(async () => {
    await webhookReady('True')
    await isTaken(pool('first', '192.168.67.128/25'))
  })

  it('that two pools overlap is refused at kubectl apply, with both pools', async () => {
    await becomesRefused(OVERLAP, 'IPAddressPool first')
    await isRefused(
      OVERLAP,
      'ipaddresspoolvalidationwebhook.metallb.io',
      'IPAddressPool overlapping: spec.addresses[0]: found "192.168.67.150-192.168.67.160"',
      'overlaps 192.168.67.128/25',
      'IPAddressPool first',
    )
  })

  it('that two peers are one is refused, in the deprecated version as well', async () => {
    await isTaken(peer('tor', { peerAddress: '192.168.67.2', bfdProfile: 'later' }))
    const second = { peerAddress: '192.168.67.2' }
    await lab.waitFor('the first peer to be known', async () => (await apply(peer('twin', second))).status !== 0)
    await isRefused(peer('twin', second), 'BGPPeer twin: spec: found a second session', 'BGPPeer tor')
    await isRefused(peer('twin', second, 'v1beta1'), 'BGPPeer twin: spec: found a second session', 'BGPPeer tor')
  })

  it('that is none by itself is only warned of', async () => {
    const warning = await isTaken(peer('other', { peerAddress: '192.168.67.3', disableMP: true }))
    assert.match(warning, /Warning: BGPPeer other: spec\.disableMP: found true, which is deprecated/)
  })

  it('that an object lies where it has no effect is refused, with the right place', async () => {
    const yaml = stringify({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'L2Advertisement',
      metadata: { name: 'lost', namespace: 'default' },
    })
    await isRefused(yaml, 'metadata.namespace: found "default"', 'accepted: "metallb-system"')
  })

  it('that a BFDProfile goes which a peer uses is refused, with the peer; all else may go', async () => {
    await isTaken(object('BFDProfile', 'later', {}))
    const kept = await remove('bfdprofile', 'later')
    assert.notEqual(kept.status, 0)
    assert.match(kept.stderr, /BFDProfile later: is to be deleted, but found in use by BGPPeer tor;/)
    for (const name of ['tor', 'other']) assert.equal((await remove('bgppeer', name)).status, 0)
    await lab.waitFor('the profile to be free', async () => (await remove('bfdprofile', 'later')).status === 0)
    await allocates()
  })

  it('that came while nobody was asked can be labelled, is told, and can be mended', async () => {
    const configuration = OBJECTS.find(({ kind }) => kind === 'ValidatingWebhookConfiguration')
    await lab.api.remove(CONFIGURATION)
    await lab.waitFor('it to be taken', async () => (await apply(OVERLAP)).status === 0)
    await lab.waitFor('it to be told', async () => (await lab.api.get<State>(STATE)).status?.result === 'Invalid')
    await lab.apply(stringify(configuration))
    await becomesRefused(pool('third', '192.168.67.129/32'), 'IPAddressPool first')
    const labelled = await lab.tryKubectl(['-n', NAMESPACE, 'label', 'ipaddresspool', 'overlapping', 'seen=true'])
    assert.equal(labelled.status, 0, labelled.stderr)
    assert.match(labelled.stderr, /Warning: IPAddressPool overlapping: spec\.addresses\[0\]/)
    await isTaken(pool('overlapping', '192.168.67.100/32'))
    await webhookReady('True')
    await lab.waitFor('Valid', async () => (await lab.api.get<State>(STATE)).status?.result === 'Valid')
  })
})

describe('the certificate of the webhook', () => {
  const put = async (data: Secret['data']): Promise<void> => {
    await lab.api.patch(SECRET, { data })
  }
  const certificateNow = async (): Promise<string> => (await lab.api.get<Secret>(SECRET)).data?.['tls.crt'] ?? ''
  const remade = async (before: string): Promise<void> => {
    await lab.waitFor('another certificate', async () => {
      const now = await certificateNow().catch(() => '')
      return now !== '' && now !== before && now !== NOISE
    })
    await webhookReady('True')
    await becomesRefused(pool('third', '192.168.67.129/32'), 'IPAddressPool first')
    await allocates()
  }
  const NOISE = Buffer.from('noise').toString('base64')

  it('is made anew when it is deleted, and the webhook answers with it, without a restart', async () => {
    const before = await certificateNow()
    await lab.api.remove(SECRET)
    await remade(before)
  })

  it('is made anew when it is wrong', async () => {
    await put({ 'tls.crt': NOISE, 'ca.crt': NOISE })
    await remade(NOISE)
  })

  it('is made anew when it has expired', async () => {
    const past = { from: new Date(Date.now() - 7_200_000), to: new Date(Date.now() - 3_600_000) }
    const authority = await makeAuthority('Steelyard webhook', past)
    const { certificate, key } = await authority.issue([`metallb-webhook-service.${NAMESPACE}.svc`])
    const texts = { 'ca.crt': authority.certificate, 'tls.crt': certificate, 'tls.key': key }
    const data = Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
    )
    await put(data)
    await remade(data['tls.crt'] ?? '')
  })

  it('and no right was missing for any of it', () => {
    const logs = lab.programs.of('controller').map((pod) => readFileSync(pod.logFile(), 'utf8'))
    assert.doesNotMatch(logs.join(''), /forbidden|PRIVATE KEY/i)
  })

  it('that cannot be mended stops nothing: objects are taken, addresses given, and the condition says why', async () => {
    const { rules } = await lab.api.get<KubeObject & { rules: { resources: string[]; verbs: string[] }[] }>(ROLE)
    const without = rules.map((rule) =>
      rule.resources.includes('secrets') ? { ...rule, verbs: ['get', 'list', 'watch'] } : rule,
    )
    await lab.api.patch(ROLE, { rules: without })
    await put({ 'tls.crt': NOISE, 'ca.crt': NOISE })
    const state = await webhookReady('False', /tls\.crt is no certificate in PEM; update secrets .*403/)
    assert.equal(state.status?.result, 'Valid')
    // Those that run still have the last good one; those that start have none.
    for (const pod of lab.programs.of('controller')) lab.programs.kill(pod)
    await lab.waitFor('both to be ready', () => lab.programs.of('controller').every((pod) => pod.isReady()))
    await webhookReady('False', /tls\.crt is no certificate in PEM/)
    await isTaken(pool('while-broken', '192.168.67.101/32'))
    await allocates()
    await installSteelyard(lab, { controllers: 2 })
    await allocates()
    await remade(NOISE)
  })
})
