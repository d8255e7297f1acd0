import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BFD_PROFILES, BGP_ADVERTISEMENTS, BGP_PEERS, IP_ADDRESS_POOLS, observeApi, SERVICES } from '@steelyard/kube'
import { ipOf } from '../testing/expectations.ts'
import { config, NAMESPACE, pool } from '../testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from '../testing/speaker-cluster.ts'
import { speakerRegistry } from './start-speaker-metrics.ts'

async function lines({ speakers, clock }: SpeakerCluster, node: string, ...names: string[]): Promise<string[]> {
  const one = speakers[node]
  assert.ok(one)
  const registry = speakerRegistry({
    observations: observeApi(one.api, clock).observations,
    observed: () => one.speaker.observed,
    now: clock.now,
  })
  const all = (await registry.render()).split('\n')
  return all.filter((line) => names.some((name) => line.startsWith(`${name}{`) || line.startsWith(`${name} `)))
}

const ALL = ['n1', 'n2', 'n3']

async function valueOf(made: SpeakerCluster, node: string, series: string): Promise<number> {
  const [name = ''] = series.split('{')
  const line = (await lines(made, node, name)).find((one) => one.startsWith(`${series} `))
  return Number(line?.split(' ').at(-1))
}

/** The node that answers, and the others. */
function ownerOf(made: SpeakerCluster, ip: string): string {
  const [owner = ''] = made.answering(ip)
  return owner
}

describe('the metrics of a speaker on the LAN', () => {
  it('show what it announces, and its frames, until the Service goes', async () => {
    const made = speakerCluster()
    made.serve('web', [ipOf(1)])
    await made.rest()
    const owner = ownerOf(made, ipOf(1))
    made.speakers[owner]?.link.tell({
      kind: 'counters',
      addresses: [{ ip: ipOf(1), requests: 5, responses: 4, gratuitous: 12, claims: 0 }],
      ignored: { NotAnnounced: 7 },
      worstLagMs: 30,
    })
    const own = `{service="shop/web",protocol="layer2",node="${owner}",ip="${ipOf(1)}"}`
    const names = ['metallb_speaker_announced', 'metallb_layer2_requests_received', 'metallb_layer2_responses_sent']
    assert.deepEqual(
      await lines(made, owner, ...names, 'metallb_layer2_gratuitous_sent', 'steelyard_layer2_ignored_total'),
      [
        `metallb_speaker_announced${own} 1`,
        `metallb_layer2_requests_received{ip="${ipOf(1)}"} 5`,
        `metallb_layer2_responses_sent{ip="${ipOf(1)}"} 4`,
        `metallb_layer2_gratuitous_sent{ip="${ipOf(1)}"} 12`,
        'steelyard_layer2_ignored_total{reason="NotAnnounced"} 7',
      ],
    )
    for (const other of ALL.filter((name) => name !== owner)) {
      assert.deepEqual(await lines(made, other, ...names), [])
    }
    assert.deepEqual(await lines(made, owner, 'steelyard_link_lag_seconds'), ['steelyard_link_lag_seconds 0.03'])
    made.cluster.remove(SERVICES, { namespace: 'shop', name: 'web' })
    await made.rest()
    assert.deepEqual(await lines(made, owner, ...names, 'metallb_layer2_gratuitous_sent'), [])
    await made.stop()
  })

  it('count moves by cause, and measure a failover from the first doubt to the claim', async () => {
    const made = speakerCluster()
    made.serve('web', [ipOf(1)])
    await made.rest()
    const owner = ownerOf(made, ipOf(1))
    assert.equal(await valueOf(made, owner, 'steelyard_address_moves_total{cause="first"}'), 1)
    assert.equal(await valueOf(made, owner, 'steelyard_owned_addresses'), 1)
    made.peers.cut(owner)
    await made.rest()
    const next = ownerOf({ ...made, answering: (ip) => made.answering(ip).filter((name) => name !== owner) }, ipOf(1))
    assert.equal(await valueOf(made, next, 'steelyard_address_moves_total{cause="ownerLost"}'), 1)
    assert.equal(await valueOf(made, next, 'steelyard_failover_seconds_count'), 1)
    assert.ok((await valueOf(made, next, 'steelyard_failover_seconds_sum')) < 1)
    assert.deepEqual(await lines(made, next, 'steelyard_members'), [
      'steelyard_members{status="alive"} 1',
      'steelyard_members{status="suspect"} 0',
      'steelyard_members{status="dead"} 1',
      'steelyard_members{status="left"} 0',
      'steelyard_members{status="unknown"} 0',
    ])
    assert.equal(await valueOf(made, next, 'steelyard_membership_standing{standing="settled"}'), 1)
    await made.stop()
  })

  it('tell of a refused configuration, and of passes', async () => {
    const made = speakerCluster()
    await made.rest()
    const config = ['metallb_k8s_client_config_loaded_bool', 'metallb_k8s_client_config_stale_bool']
    assert.deepEqual(await lines(made, 'n1', ...config), [`${config[0]} 1`, `${config[1]} 0`])
    made.cluster.put(IP_ADDRESS_POOLS, pool('again', ['192.0.2.0/25']))
    await made.rest()
    assert.deepEqual(await lines(made, 'n1', ...config), [`${config[0]} 1`, `${config[1]} 1`])
    assert.equal(await valueOf(made, 'n1', 'steelyard_config_refusals_total'), 1)
    made.cluster.remove(IP_ADDRESS_POOLS, { namespace: NAMESPACE, name: 'again' })
    await made.rest()
    assert.deepEqual(await lines(made, 'n1', ...config), [`${config[0]} 1`, `${config[1]} 0`])
    assert.ok((await valueOf(made, 'n1', 'steelyard_reconcile_seconds_count{pass="node"}')) >= 3)
    await made.stop()
  })

  it('show what membership counts, by reason', async () => {
    const made = speakerCluster()
    await made.rest()
    made.speakers['n1']?.link.tell({ kind: 'memberCounters', received: 10, sent: 11, dropped: { WrongKey: 3 } })
    assert.deepEqual(
      await lines(made, 'n1', 'steelyard_membership_packets_total', 'steelyard_membership_dropped_total'),
      [
        'steelyard_membership_packets_total{direction="sent"} 11',
        'steelyard_membership_packets_total{direction="received"} 10',
        'steelyard_membership_dropped_total{reason="WrongKey"} 3',
      ],
    )
    await made.stop()
  })

  it('tell of a kernel that answers for others, with the settings by which it does', async () => {
    const made = speakerCluster()
    await made.rest()
    const { files, link } = made.speakers['n1']!
    assert.deepEqual(await lines(made, 'n1', 'steelyard_kernel_answers'), ['steelyard_kernel_answers 0'])
    for (const name of ['all', 'eth0', 'kube-ipvs0']) {
      for (const key of ['arp_ignore', 'arp_announce']) files.set(`/proc/sys/net/ipv4/conf/${name}/${key}`, '0\n')
    }
    link.tell({ kind: 'interfaces', interfaces: [{ name: 'eth0', arp: true, ndp: true }], impaired: [], macs: [] })
    await made.rest()
    assert.deepEqual(await lines(made, 'n1', 'steelyard_kernel_answers', 'steelyard_arp_sysctl'), [
      'steelyard_kernel_answers 1',
      'steelyard_arp_sysctl{name="arp_ignore"} 0',
      'steelyard_arp_sysctl{name="arp_announce"} 0',
    ])
  })

  it('cost nothing at rest: no series is kept, and nothing is written', async () => {
    const made = speakerCluster()
    for (let at = 1; at <= 20; at++) made.serve(`web${at}`, [ipOf(at)])
    await made.rest()
    const writes = made.countWrites()
    await lines(made, 'n1', 'metallb_speaker_announced')
    await made.rest(60_000)
    assert.equal(writes(), 0)
    await made.stop()
  })
})

describe('the metrics of a speaker towards routers', () => {
  const AT = '{peer="192.0.2.254:179",vrf="default"}'
  const WATCHED = '{peer="192.0.2.254",vrf="default"}'

  function scene(): SpeakerCluster {
    const made = speakerCluster({ nodes: ['n1'], advertisements: [] })
    made.cluster.put(BFD_PROFILES, config('BFDProfile', 'fast', {}))
    const peer = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.254', bfdProfile: 'fast' }
    made.cluster.put(BGP_PEERS, config('BGPPeer', 'rt', peer))
    made.cluster.put(BGP_ADVERTISEMENTS, config('BGPAdvertisement', 'all', {}))
    return made
  }

  it('show the session, what it was told and what went over it, until the peer goes', async () => {
    const made = scene()
    made.serve('web', [ipOf(1)])
    await made.rest()
    const session = made.speakers['n1']?.bgp.standing()[0]
    assert.ok(session)
    const up = `metallb_bgp_session_up${AT}`
    assert.equal(await valueOf(made, 'n1', up), 0)
    session.see({ state: 'established', announced: 1, pending: 2, unsendable: 3, flaps: 4 })
    session.counters.sent.open = 1
    session.counters.sent.update = 2
    session.counters.received.notification = 5
    session.counters.malformedUpdates = 6
    const values = async (...names: string[]): Promise<number[]> =>
      Promise.all(names.map((name) => valueOf(made, 'n1', `${name}${AT}`)))
    assert.equal(await valueOf(made, 'n1', up), 1)
    assert.deepEqual(
      await values(
        'metallb_bgp_announced_prefixes_total',
        'metallb_bgp_pending_prefixes_total',
        'steelyard_bgp_unsendable_prefixes',
        'steelyard_bgp_sessions_lost_total',
        'metallb_bgp_opens_sent',
        'metallb_bgp_updates_total',
        'metallb_bgp_total_sent',
        'steelyard_bgp_notifications_received_total',
        'metallb_bgp_total_received',
        'steelyard_bgp_malformed_updates_total',
      ),
      [1, 2, 3, 4, 1, 2, 3, 5, 5, 6],
    )
    assert.deepEqual(await lines(made, 'n1', 'metallb_speaker_announced'), [
      `metallb_speaker_announced{service="shop/web",protocol="bgp",node="n1",ip="${ipOf(1)}"} 1`,
    ])
    made.cluster.remove(BGP_PEERS, { namespace: NAMESPACE, name: 'rt' })
    await made.rest()
    assert.deepEqual(
      await lines(made, 'n1', 'metallb_bgp_session_up', 'metallb_bgp_total_sent', 'metallb_bfd_session_up'),
      [],
    )
    await made.stop()
  })

  it('show BFD by what the worker tells', async () => {
    const made = scene()
    await made.rest()
    const { link } = made.speakers['n1'] ?? {}
    const times = { since: 0, transmitMs: 300, receiveMs: 300, detectMs: 900 }
    link?.tell({ kind: 'bfd', sessions: [{ key: 'rt', state: 'up', ...times, ups: 3, downs: 2 }] })
    const packets = { controlReceived: 11, controlSent: 12, echoReceived: 13, echoSent: 14 }
    link?.tell({ kind: 'bfdCounters', sessions: [{ key: 'rt', ...packets }] })
    assert.deepEqual(
      (
        await lines(
          made,
          'n1',
          'metallb_bfd_session_up',
          'metallb_bfd_control_packet_input',
          'metallb_bfd_control_packet_output',
          'metallb_bfd_echo_packet_input',
          'metallb_bfd_echo_packet_output',
          'metallb_bfd_session_up_events',
          'metallb_bfd_session_down_events',
          'metallb_bfd_zebra_notifications',
        )
      ).map((line) => line.replace(WATCHED, '')),
      [
        'metallb_bfd_session_up 1',
        'metallb_bfd_control_packet_input 11',
        'metallb_bfd_control_packet_output 12',
        'metallb_bfd_echo_packet_input 13',
        'metallb_bfd_echo_packet_output 14',
        'metallb_bfd_session_up_events 3',
        'metallb_bfd_session_down_events 2',
        'metallb_bfd_zebra_notifications 5',
      ],
    )
    await made.stop()
  })

  it('name each set of labels once, also where two peers are one neighbour', async () => {
    const made = scene()
    const twin = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.254', sourceAddress: '192.0.2.9' }
    made.cluster.put(BGP_PEERS, config('BGPPeer', 'rt2', twin))
    await made.rest()
    const [first, second] = made.speakers['n1']?.bgp.standing() ?? []
    first?.see({ state: 'established', announced: 1 })
    second?.see({ announced: 2 })
    assert.deepEqual(await lines(made, 'n1', 'metallb_bgp_session_up', 'metallb_bgp_announced_prefixes_total'), [
      `metallb_bgp_session_up${AT} 0`,
      `metallb_bgp_announced_prefixes_total${AT} 3`,
    ])
    await made.stop()
  })
})
