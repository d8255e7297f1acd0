import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stringify } from 'yaml'
import type { KubeObject, Secret, Service } from '@steelyard/model'
import { waitForPrograms } from '../lab/install.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { DEFINITIONS, leaveMetallb, type Left, metallbFile, metallbObjects, placeOf } from './metallb.ts'
import { DIST, steelyardValue } from './suites/cli-command.ts'
import { addressesOf, PATHS, pool, service, webPod } from './suites/objects.ts'
import { createService, waitForAnswer } from './suites/scene.ts'

/** docs/migrate.md, command by command, in a cluster as MetalLB leaves it; and back. */

const ROOT = new URL('../..', import.meta.url).pathname
const GUIDE = readFileSync(`${ROOT}docs/migrate.md`, 'utf8')
const BLOCK = /^```([^\n]*)\n([\s\S]*?)^```$/gm
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/metallb-webhook-configuration'
const SECRETS = '/api/v1/namespaces/metallb-system/secrets'

/** What `sh` blocks of a chapter say, a line each. */
function commandsOf(chapter: string): readonly string[] {
  const text = GUIDE.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`))
  assert.ok(text !== undefined, `docs/migrate.md has no chapter ${chapter}`)
  const blocks = [...text.matchAll(BLOCK)].filter(([, info]) => info === 'sh')
  return blocks.flatMap(([, , commands = '']) => commands.trim().split('\n'))
}

const folder = mkdtempSync(join(tmpdir(), 'steelyard-takeover-'))
let lab: Lab
before(async () => {
  lab = await startLab({ suffix: `t${process.pid}`, nodes: 2, webhooks: true, form: 'dist' })
  for (const { name } of lab.nodes) await lab.api.create(PATHS.pods, webPod(`web-${name}`, 'web', name))
  await leaveMetallb(lab)
  writeProgram('kubectl', lab.binaries.kubectl)
  writeProgram('steelyard', `${process.execPath} ${DIST}steelyard.mjs`)
})
after(async () => {
  await lab?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function writeProgram(name: string, command: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\nexec ${command} "$@"\n`)
  chmodSync(join(folder, name), 0o755)
}

/** A chapter of the guide; each command must succeed. */
function follow(chapter: string): void {
  for (const command of commandsOf(chapter)) {
    it(command, async () => {
      const env = { ...process.env, PATH: `${folder}:${ROOT}:${process.env['PATH']}`, KUBECONFIG: lab.kubeconfig }
      // Where the guide writes a file, it is not to stay in the checkout.
      const line = command.replace('> metallb-objects.yaml', `> ${folder}/metallb-objects.yaml`)
      const child = spawn('sh', ['-c', line], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
      const said: string[] = []
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)))
      const [status] = (await once(child, 'close')) as [number | null]
      assert.equal(status, 0, said.join(''))
    })
  }
}

const services = async (): Promise<readonly Service[]> => (await lab.api.list<Service>(PATHS.services)).items
/** All of the status, so that a change of order, mode or anything else counts as one. */
const statuses = async (): Promise<object> =>
  Object.fromEntries(
    (await services())
      .filter(({ spec }) => spec?.type === 'LoadBalancer')
      .map(({ metadata, status }) => [metadata.name, status?.loadBalancer]),
  )
const conversions = async (): Promise<object> => {
  const found = await Promise.all(DEFINITIONS.map(({ metadata }) => lab.api.get<Left>(`${CRDS}/${metadata.name}`)))
  const strategies = found.map(({ metadata, spec }) => [
    metadata.name.split('.')[0],
    (spec as { conversion?: { strategy?: string } }).conversion?.strategy,
  ])
  return Object.fromEntries(strategies.filter(([, strategy]) => strategy !== 'None'))
}
const versionOf = async (path: string): Promise<string | undefined> =>
  (await lab.api.get(path)).metadata.resourceVersion

type Webhooks = KubeObject & {
  readonly webhooks: readonly {
    readonly name: string
    readonly failurePolicy: string
    readonly clientConfig: { readonly caBundle?: string }
  }[]
}
const CERTIFICATE_BEFORE = metallbObjects('webhook')[0] as Left & Webhooks

let left: object
let leftServices: readonly Service[]
let leftVersions: ReadonlyMap<string, string | undefined>
const UNTOUCHED = [
  `${SECRETS}/memberlist`,
  ...metallbObjects('objects')
    .filter(({ kind }) => /Advertisement|Peer|Profile|Community|FRRConfiguration/.test(kind))
    .map(placeOf),
]

describe('what MetalLB leaves', () => {
  it('is in the way of everybody: it refuses changes, and nobody converts', async () => {
    left = await statuses()
    leftServices = await services()
    const versions = UNTOUCHED.map(async (path) => [path, await versionOf(viaStored(path))] as const)
    leftVersions = new Map(await Promise.all(versions))
    assert.equal(Object.keys(left).length, 9)
    assert.deepEqual(await conversions(), { bgppeers: 'Webhook', addresspools: 'Webhook' })
    const refused = await lab.tryKubectl(['apply', '-f', '-'], stringify(pool('other', ['192.168.67.160/32'])))
    assert.match(refused.stderr, /failed calling webhook "ipaddresspoolvalidationwebhook/)
  })

  follow('Look first')

  it('is told by the check, thing by thing', async () => {
    type Told = { ready: boolean; findings: readonly { check: string; result: string; message: string }[] }
    const { ready, findings } = await steelyardValue<Told>(lab, ['migrate', '--check'])
    assert.equal(ready, true)
    assert.deepEqual(
      Object.fromEntries(findings.map(({ check, result, message }) => [check, `${result}: ${message}`])),
      {
        'MetalLB running': 'warning: DaemonSet metallb-system/speaker, Deployment metallb-system/controller',
        configuration:
          'ok: 3 IPAddressPools, 1 L2Advertisement, 1 BGPAdvertisement, 2 BGPPeers, 1 BFDProfile, 1 Community: all stay as they are',
        addresses: 'ok: 9 Services with an address, and each keeps it',
        CustomResourceDefinitions: 'ok: 10 definitions of metallb.io; those of Steelyard go over them',
        'conversion webhook': 'warning: bgppeers.metallb.io has one left',
        AddressPool: 'warning: the kind of old is there, and read by nobody',
        'validating webhook':
          'warning: metallb-webhook-configuration refuses all changes while nobody answers it (failurePolicy Fail)',
        FRRConfiguration: 'warning: metallb-system/metallb-n1',
        annotations: 'ok: 3 Services with metallb.universe.tf/ annotations: understood, and told of by an Event',
        'BGP timers': 'warning: tor-a: hold time and keepalives are 0, as older versions stored them',
      },
    )
  })
})

/** Of a BGPPeer in the version that nobody has to convert. */
function viaStored(path: string): string {
  return path.replace('/v1beta1/namespaces/metallb-system/bgppeers', '/v1beta2/namespaces/metallb-system/bgppeers')
}

describe('the takeover', () => {
  describe('the kinds', () => {
    follow('The kinds')
    it('no object of ours is converted any more, and both versions of a peer can be read', async () => {
      assert.deepEqual(await conversions(), { addresspools: 'Webhook' })
      for (const object of metallbObjects('objects').filter(({ kind }) => kind === 'BGPPeer')) {
        for (const version of ['v1beta1', 'v1beta2']) {
          const { spec } = await lab.api.get<Left>(placeOf({ ...object, apiVersion: `metallb.io/${version}` }))
          for (const [field, value] of Object.entries(object.spec ?? {}))
            assert.deepEqual((spec as Record<string, unknown>)[field], value, `${object.metadata.name} ${field}`)
        }
      }
    })
  })

  describe('the programs', () => {
    follow('MetalLB goes')
    follow('Steelyard comes')
    it('get ready, and have made up their mind about every Service', async () => {
      await waitForPrograms(lab, 1)
      await lab.waitFor('every Service to name its pool', async () =>
        (await services())
          .filter(({ spec }) => spec?.type === 'LoadBalancer')
          .every(({ metadata }) => metadata.annotations?.['metallb.io/ip-allocated-from-pool'] !== undefined),
      )
    })
    follow('Look again')
  })

  it('no address has changed, and only what names no pool by the annotation of today was written', async () => {
    assert.deepEqual(await statuses(), left)
    const now = new Map((await services()).map(({ metadata }) => [metadata.name, metadata.resourceVersion]))
    const written = leftServices.filter(({ metadata }) => now.get(metadata.name) !== metadata.resourceVersion)
    assert.deepEqual(written.map(({ metadata }) => metadata.name).toSorted(), ['ancient', 'wanted'])
  })

  for (const [name, port] of [
    ['plain', 80],
    ['shared-b', 443],
    ['dual', 80],
    ['by-field', 80],
  ] as const) {
    it(`${name} answers at each of its addresses`, async () => {
      const addresses = addressesOf(await lab.api.get<Service>(`${PATHS.services}/${name}`))
      for (const address of addresses) await waitForAnswer(lab, address, port)
    })
  }

  it('status objects are ours, one for a Service', async () => {
    const names = ['ancient', 'by-field', 'by-pool', 'dual', 'plain', 'shared-a', 'shared-b', 'wanted']
    await lab.waitFor('them to be so', async () => {
      const pods = (await lab.api.list('/api/v1/namespaces/metallb-system/pods')).items.map(
        ({ metadata }) => metadata.uid,
      )
      type Owned = Left & {
        metadata: { ownerReferences?: readonly { uid: string }[] }
        status?: { serviceName?: string }
      }
      const { items } = await lab.api.list<Owned>(PATHS.l2Statuses)
      const ours = items.filter(({ metadata }) => pods.includes(metadata.ownerReferences?.[0]?.uid))
      assert.equal(ours.length, items.length)
      assert.deepEqual(ours.map(({ status }) => status?.serviceName ?? '').toSorted(), names)
      return true
    })
  })

  it('the webhook is ours: it fails open, and an overlap is refused in our words', async () => {
    const yaml = stringify(pool('overlapping', ['192.168.67.139-192.168.67.145']))
    await lab.waitFor('it to refuse', async () => {
      const { stderr } = await lab.tryKubectl(['apply', '--dry-run=server', '-f', '-'], yaml)
      return /IPAddressPool overlapping: spec\.addresses\[0\]: found/.test(stderr)
    })
    const theirs = CERTIFICATE_BEFORE.webhooks[0]?.clientConfig.caBundle
    const { webhooks } = await lab.api.get<Webhooks>(WEBHOOKS)
    assert.deepEqual(
      webhooks.filter(
        ({ failurePolicy, clientConfig }) => failurePolicy !== 'Ignore' || clientConfig.caBundle === theirs,
      ),
      [],
    )
    const { data = {} } = await lab.api.get<Secret>(`${SECRETS}/metallb-webhook-cert`)
    assert.deepEqual(Object.keys(data).toSorted(), ['ca.crt', 'tls.crt', 'tls.key'])
  })

  it('timers of 0 are honoured, with a warning on every node', async () => {
    for (const pod of lab.programs.of('speaker')) {
      await lab.waitFor(`the warning on ${pod.node}`, () =>
        /BGPPeer tor-a: spec\.holdTime: found 0 with a keepaliveTime of 0/.test(readFileSync(pod.logFile(), 'utf8')),
      )
    }
  })

  it('nothing else was written: what people configured, the membership secret, what is of others', async () => {
    const versions = UNTOUCHED.map(async (path) => [path, await versionOf(path)] as const)
    assert.deepEqual(new Map(await Promise.all(versions)), leftVersions)
  })
})

describe('without what is left of MetalLB', () => {
  follow('What is left of MetalLB')
  it('addresses are given and answer, and the old ones stay', async () => {
    const [address = ''] = await createService(lab, service('fresh'))
    await waitForAnswer(lab, address)
    await lab.api.remove(`${PATHS.services}/fresh`)
    assert.deepEqual(await statuses(), left)
  })
})

describe('the way back', () => {
  follow('The way back')
  it('the kinds of MetalLB are taken over ours', async () => {
    await lab.kubectl(['apply', '--server-side', '--force-conflicts', '-f', metallbFile('definitions')])
    assert.deepEqual(await conversions(), { bgppeers: 'Webhook', addresspools: 'Webhook' })
  })

  const configured = metallbObjects('objects').filter(({ kind }) => /IPAddressPool|Adv|Peer|Profile|Comm/.test(kind))
  for (const object of configured) {
    it(`${object.kind} ${object.metadata.name} is valid under them, and says what it said`, async () => {
      const path = viaStored(placeOf(object))
      const { spec = {} } = await lab.api.get<Left>(path)
      for (const [field, value] of Object.entries(object.spec ?? {}))
        assert.deepEqual((spec as Record<string, unknown>)[field], value, field)
      const apiVersion = object.kind === 'BGPPeer' ? 'metallb.io/v1beta2' : 'metallb.io/v1beta1'
      const again = { ...object, apiVersion, metadata: { name: 'again', namespace: 'metallb-system' }, spec }
      await lab.api.create(`${path.replace(/\/[^/]+$/, '')}?dryRun=All&fieldValidation=Strict`, again)
    })
  }

  it('every Service has the status that MetalLB left', async () => {
    assert.deepEqual(await statuses(), left)
  })

  it('and no status object of ours claims anything any more', async () => {
    await lab.waitFor('them to be collected', async () => {
      const lists = [PATHS.l2Statuses, PATHS.l2Statuses.replace('l2', 'bgp')].map((path) => lab.api.list(path))
      return (await Promise.all(lists)).every(({ items }) => items.length === 0)
    })
  })
})
