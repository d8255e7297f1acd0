import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import type { KubeObject } from '@steelyard/model'
import { rollOutSpeakers } from '../lab/install.ts'
import { l2Advertisement, PATHS, pool, PRODUCT_NAMESPACE, service, speakerPolicy } from './suites/objects.ts'
import { type Routed, statusesOf, withRouters } from './suites/routed.ts'
import { bfdProfile, BGP_PATHS, communityNames, peerPolicy } from './suites/routed-objects.ts'
import { createService, eventReasons, removeService, statusNode, waitForOwner } from './suites/scene.ts'
import { type Account, type Right, rightsOf } from './rights.ts'

/**
 * That each right is needed, seen from the other side: the API server writes down what both programs ask of it while a
 * cluster lives through what may come. The API server refuses what is not granted, so a right that is used cannot be
 * taken away; one that nobody used in all of it must not be there.
 */

/** What happens in no day without a Prometheus, and which test it happens in. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'create tokenreviews.authentication.k8s.io': 'test/e2e/metrics.test.ts reads the metrics',
  'create subjectaccessreviews.authorization.k8s.io': 'test/e2e/metrics.test.ts reads the metrics',
}

type Entry = {
  readonly user: { readonly username: string }
  readonly verb: string
  readonly objectRef?: { readonly resource: string; readonly apiGroup?: string; readonly subresource?: string }
  readonly annotations?: Readonly<Record<string, string>>
}

describe('the rights of both programs', () => {
  const routed = withRouters('rgts')
  before(() => liveThroughADay(routed()))

  const entriesOf = (account: Account): readonly Entry[] => {
    const user = `system:serviceaccount:${PRODUCT_NAMESPACE}:${account}`
    const lines = readFileSync(routed().lab.controlPlane.auditLog, 'utf8').trim().split('\n')
    return lines.map((line) => JSON.parse(line) as Entry).filter(({ user: { username } }) => username === user)
  }

  for (const account of ['controller', 'speaker'] as const) {
    it(`are enough for the ${account}: it is refused nothing`, () => {
      const refused = entriesOf(account).filter(
        ({ annotations }) => annotations?.['authorization.k8s.io/decision'] === 'forbid',
      )
      assert.deepEqual(refused.map(wordsOf), [])
    })

    it(`are no more than the ${account} uses`, () => {
      const used = new Set(entriesOf(account).map(wordsOf))
      assert.ok(used.size > 10)
      const idle = rightsOf(account)
        .flatMap(wordsOfRight)
        .filter((words) => !used.has(words))
      const unexplained = idle.filter((words) => !isReadOfListed(words, used) && !(words in ELSEWHERE))
      assert.deepEqual(unexplained, [])
    })
  }
})

function wordsOf({ verb, objectRef }: Entry): string {
  const { resource = '', apiGroup = '', subresource = '' } = objectRef ?? {}
  return `${verb} ${resource}${apiGroup === '' ? '' : `.${apiGroup}`}${subresource === '' ? '' : `/${subresource}`}`
}

function wordsOfRight({ resource, verbs }: Right): readonly string[] {
  return verbs.map((verb) => `${verb} ${resource}`)
}

/** The one thing that is granted beyond need: who may list a thing sees all of it anyway, and `read` is one word for both. */
function isReadOfListed(words: string, used: ReadonlySet<string>): boolean {
  return words.startsWith('get ') && used.has(words.replace('get', 'list'))
}

/** Every kind of object comes, changes and goes; a leader is killed; a speaker is replaced. */
async function liveThroughADay(routed: Routed): Promise<void> {
  const { lab } = routed
  const { api } = lab
  await lab.kubectl(['-n', PRODUCT_NAMESPACE, 'scale', 'deployment/controller', '--replicas=2'])
  await api.create(PATHS.policies, speakerPolicy({ partition: 'fenced' }))
  await api.create(BGP_PATHS.profiles, bfdProfile('fast', { transmitInterval: 50 }))
  await api.create(BGP_PATHS.communities, communityNames('names', [{ name: 'blue', value: '64500:1' }]))
  await api.create(BGP_PATHS.peerPolicies, peerPolicy('all', { gracefulShutdown: '1s' }))
  await api.create(PATHS.pools, pool('lan', ['192.168.67.120-192.168.67.130']))
  await api.create(PATHS.l2Advertisements, l2Advertisement('lan', { ipAddressPools: ['lan'] }))
  await createService(lab, service('near', {}, { annotations: { 'metallb.io/address-pool': 'lan' } }))
  await waitForOwner(lab, 'near')
  await createService(lab, service('far', {}, { annotations: { 'metallb.io/address-pool': 'routed' } }))
  await lab.waitFor('its status objects', async () => (await statusesOf(routed, 'far')).length === lab.nodes.length)
  await changeLeaders(routed)
  await sayAgain(routed)
  await takeOwnerOff(routed)
  await rollOutAll(routed)
  for (const name of ['near', 'far']) await removeService(lab, name)
  await lab.waitFor('no status object', async () => {
    return (await statusesOf(routed, 'far')).length === 0 && (await statusNode(lab, 'near')) === undefined
  })
}

/** Kills each controller in turn: the other asks for the Lease and takes it. */
async function changeLeaders({ lab }: Routed): Promise<void> {
  await lab.waitFor('two controllers', () => lab.programs.of('controller').filter((pod) => pod.isReady()).length === 2)
  for (const pod of lab.programs.of('controller')) {
    await lab.programs.stop(pod)
    await createService(lab, service(`after-${pod.name}`))
    await removeService(lab, `after-${pod.name}`)
    await lab.waitFor('both to be ready', () => lab.programs.of('controller').every((each) => each.isReady()))
  }
}

/** What was told before becomes true again: an Event that is there counts up. */
async function sayAgain({ lab }: Routed): Promise<void> {
  const { api } = lab
  const asking = (poolName: string): object => ({ annotations: { 'metallb.io/address-pool': poolName } })
  await api.create(PATHS.services, service('impossible', {}, asking('nowhere')))
  const counted = (reason: string, name: string): Promise<unknown> =>
    lab.waitFor(`${reason} at ${name} to be told again`, async () => {
      type Event = KubeObject & { reason?: string; count?: number; involvedObject?: { name?: string } }
      const { items } = await api.list<Event>('/api/v1/namespaces/default/events')
      return items.some(
        (event) => event.reason === reason && event.involvedObject?.name === name && (event.count ?? 1) > 1,
      )
    })
  const refusals = (count: number): Promise<unknown> =>
    lab.waitFor(`${count} refusals`, async () => {
      return (await eventReasons(lab, 'impossible')).filter((reason) => reason === 'AllocationFailed').length === count
    })
  await refusals(1)
  await api.patch(`${PATHS.services}/impossible`, { metadata: asking('elsewhere') })
  await refusals(2)
  await api.patch(`${PATHS.services}/impossible`, { metadata: asking('nowhere') })
  await counted('AllocationFailed', 'impossible')
  await removeService(lab, 'impossible')
  for (let round = 0; round < 2; round++) {
    await api.remove(`${PATHS.l2Advertisements}/lan`)
    await lab.waitFor('nobody to answer', async () => (await statusNode(lab, 'near')) === undefined)
    await api.create(PATHS.l2Advertisements, l2Advertisement('lan', { ipAddressPools: ['lan'] }))
    await waitForOwner(lab, 'near')
  }
  await counted('nodeAssigned', 'near')
}

/** New Pods of both programs: what the old ones wrote gets them as owners. */
async function rollOutAll({ lab }: Routed): Promise<void> {
  const deployment = ['-n', PRODUCT_NAMESPACE, 'deployment/controller']
  await lab.kubectl(['rollout', 'restart', ...deployment])
  await lab.kubectl(['rollout', 'status', ...deployment, '--timeout=50s'])
  await rollOutSpeakers(lab)
}

/** Somebody changes a status object by hand: its speaker makes it what it was. */
async function takeOwnerOff({ lab }: Routed): Promise<void> {
  const [mine] = (await lab.api.list(PATHS.l2Statuses)).items
  const path = `${PATHS.l2Statuses}/${mine?.metadata.name}`
  await lab.api.patch(path, { metadata: { ownerReferences: null } })
  await lab.waitFor('its owner again', async () => {
    const { metadata } = await lab.api.get(path)
    return metadata.ownerReferences?.length === 1
  })
}
