import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  BGP_ADVERTISEMENTS,
  BGP_PEERS,
  COMMUNITIES,
  ENDPOINT_SLICES,
  IP_ADDRESS_POOLS,
  NODES,
  SERVICE_BGP_STATUSES,
  SERVICES,
} from '@steelyard/kube'
import { ipOf } from './testing/expectations.ts'
import { config, NAMESPACE, node, pool, slice } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from './testing/speaker-cluster.ts'
import type { MemorySession } from './testing/memory-bgp.ts'

const PEER = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.254' }
const EXCLUDED = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
const GOING = 0xffff_0000

/** Services on n1, n2, n3 that routers are told of, and nobody on the LAN. */
function scene(peer: object = {}): SpeakerCluster {
  const made = speakerCluster({ advertisements: [] })
  made.cluster.put(BGP_PEERS, config('BGPPeer', 'rt', { ...PEER, ...peer }))
  made.cluster.put(BGP_ADVERTISEMENTS, config('BGPAdvertisement', 'all', {}))
  return made
}

function sessionOf({ speakers }: SpeakerCluster, name: string): MemorySession {
  const found = speakers[name]?.bgp.standing()[0]
  assert.ok(found, `${name} has a session`)
  return found
}

/** Which nodes tell the router of a prefix. */
function paths({ speakers }: SpeakerCluster, prefix: string): string[] {
  return Object.values(speakers).flatMap((one) =>
    one.bgp.standing().some(({ routes }) => routes.has(prefix)) ? [one.node] : [],
  )
}

const prefixOf = (at: number): string => `${ipOf(at)}/32`

describe('routers', () => {
  it('are told of a Service by every node, and of its end; nobody on the LAN is', async () => {
    const made = scene()
    made.serve('web', [ipOf(1)])
    await made.rest()
    assert.deepEqual(paths(made, prefixOf(1)), ['n1', 'n2', 'n3'])
    assert.deepEqual(made.answering(ipOf(1)), [])
    assert.equal(sessionOf(made, 'n1').isComplete, true)
    made.cluster.remove(SERVICES, { namespace: 'shop', name: 'web' })
    await made.rest()
    assert.deepEqual(paths(made, prefixOf(1)), [])
    await made.stop()
  })

  it('are told of a new Service at once, long before anything is written', async () => {
    const made = scene()
    await made.rest()
    made.serve('web', [ipOf(1)])
    await made.rest(1)
    assert.deepEqual(paths(made, prefixOf(1)), ['n1', 'n2', 'n3'])
    await made.stop()
  })

  it('follow the endpoints of a Service of policy Local', async () => {
    const made = scene()
    made.serve('web', [ipOf(1)], { spec: { externalTrafficPolicy: 'Local' } })
    made.cluster.put(ENDPOINT_SLICES, slice('web', ['n3']))
    await made.rest()
    assert.deepEqual(paths(made, prefixOf(1)), ['n3'])
    made.cluster.put(ENDPOINT_SLICES, slice('web', ['n1', 'n2']))
    await made.rest()
    assert.deepEqual(paths(made, prefixOf(1)), ['n1', 'n2'])
    await made.stop()
  })

  it('keep their sessions whatever is changed of pools, advertisements, communities and Services', async () => {
    const made = scene()
    made.serve('web', [ipOf(1)])
    await made.rest()
    made.cluster.put(IP_ADDRESS_POOLS, pool('other', ['203.0.113.0/24']))
    const community = { communities: [{ name: 'far', value: '64512:7' }] }
    made.cluster.put(COMMUNITIES, config('Community', 'names', community))
    made.cluster.put(BGP_ADVERTISEMENTS, config('BGPAdvertisement', 'all', { communities: ['far'] }))
    made.serve('shop', [ipOf(2)])
    await made.rest()
    assert.deepEqual(sessionOf(made, 'n2').routes.get(prefixOf(1))?.communities, [64512 * 65536 + 7])
    assert.deepEqual(paths(made, prefixOf(2)), ['n1', 'n2', 'n3'])
    assert.equal(made.speakers['n2']?.bgp.sessions.length, 1)
    await made.stop()
  })

  it('lose a session when the node is not selected any more, and the BGPPeer is left in force elsewhere', async () => {
    const made = scene({ nodeSelectors: [{ matchLabels: { rack: 'a' } }] })
    for (const name of ['n1', 'n2']) made.cluster.put(NODES, node(name, { rack: 'a' }))
    made.serve('web', [ipOf(1)])
    await made.rest()
    assert.deepEqual(paths(made, prefixOf(1)), ['n1', 'n2'])
    made.cluster.put(NODES, node('n1'))
    await made.rest()
    assert.deepEqual(paths(made, prefixOf(1)), ['n2'])
    const ended = made.speakers['n1']?.bgp.sessions[0]?.ended
    assert.equal(ended?.kind === 'cease' ? ended.subcode : undefined, 2)
    made.cluster.remove(BGP_PEERS, { namespace: NAMESPACE, name: 'rt' })
    await made.rest()
    const gone = made.speakers['n2']?.bgp.sessions[0]?.ended
    assert.equal(gone?.kind === 'cease' ? gone.subcode : undefined, 3)
    await made.stop()
  })

  const departures: readonly { readonly name: string; readonly leaving: ReturnType<typeof node> }[] = [
    { name: 'is excluded', leaving: node('n1', EXCLUDED) },
    {
      name: 'goes into maintenance',
      leaving: {
        ...node('n1'),
        metadata: { ...node('n1').metadata, annotations: { 'steelyard.dev/maintenance': 'true' } },
      },
    },
  ]
  for (const { name, leaving } of departures) {
    it(`hear from a node that ${name} that its routes go, then that they are gone; and have them back at once`, async () => {
      const made = scene()
      made.serve('web', [ipOf(1)])
      await made.rest()
      made.cluster.put(NODES, leaving)
      await made.rest(500)
      const { routes } = sessionOf(made, 'n1')
      assert.deepEqual(routes.get(prefixOf(1))?.communities, [GOING])
      assert.equal(routes.get(prefixOf(1))?.localPref, 0)
      assert.deepEqual(sessionOf(made, 'n2').routes.get(prefixOf(1))?.communities, [])
      await made.rest(1000)
      assert.deepEqual(paths(made, prefixOf(1)), ['n2', 'n3'])
      made.cluster.put(NODES, node('n1'))
      await made.rest(50)
      assert.deepEqual(paths(made, prefixOf(1)), ['n1', 'n2', 'n3'])
      assert.deepEqual(sessionOf(made, 'n1').routes.get(prefixOf(1))?.communities, [])
      assert.equal(made.speakers['n1']?.bgp.sessions.length, 1)
      await made.stop()
    })
  }

  it('hear from a speaker that stops that its routes go, and only then the end of the session', async () => {
    const made = scene()
    made.serve('web', [ipOf(1)])
    await made.rest()
    const session = sessionOf(made, 'n1')
    const stopped = made.speakers['n1']!.speaker.stop()
    await made.rest(500)
    assert.deepEqual(session.routes.get(prefixOf(1))?.communities, [GOING])
    assert.deepEqual(made.speakers['n1']?.bgp.standing(), [session])
    await made.rest(2000)
    await stopped
    assert.equal(session.ended?.kind, 'cease')
    await made.stop()
  })

  it('and who is told what, and how sessions are, can be read in the API; at rest nothing is written', async () => {
    const made = scene()
    made.serve('web', [ipOf(1)])
    await made.rest()
    const told = made.cluster
      .readAll(SERVICE_BGP_STATUSES)
      .map(({ status }) => `${status?.node}: ${status?.peers?.join()}`)
    assert.deepEqual(told.toSorted(), ['n1: rt', 'n2: rt', 'n3: rt'])
    sessionOf(made, 'n1').see({ state: 'established', announced: 1 })
    sessionOf(made, 'n2').see({ state: 'connect', lastError: 'connection refused' })
    await made.rest(12_000)
    assert.equal(made.statusOf('n1')?.sessions?.[0]?.state, 'Established')
    assert.match(
      made.statusOf('n2')?.sessions?.[0]?.lastError ?? '',
      /^connection refused; 192.0.2.254 is on no subnet/,
    )
    const writes = made.countWrites()
    await made.rest(60_000)
    assert.equal(writes(), 0)
    made.cluster.remove(SERVICES, { namespace: 'shop', name: 'web' })
    await made.rest()
    assert.deepEqual(made.cluster.readAll(SERVICE_BGP_STATUSES), [])
    await made.stop()
  })

  it('that keep routes over a restart hear nothing at all of it', async () => {
    const made = scene({ enableGracefulRestart: true })
    made.serve('web', [ipOf(1)])
    await made.rest()
    const session = sessionOf(made, 'n1')
    const stopped = made.speakers['n1']!.speaker.stop()
    await made.rest(100)
    assert.deepEqual(session.routes.get(prefixOf(1))?.communities, [])
    assert.equal(session.ended?.kind, 'silent')
    await made.rest(2000)
    await stopped
    await made.stop()
  })
})
