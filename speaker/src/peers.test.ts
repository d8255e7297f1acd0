import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EVENTS } from '@steelyard/kube'
import { parseMac } from '@steelyard/net'
import { ipOf, serveMany } from './testing/expectations.ts'
import { type SpeakerCluster, speakerCluster, type TestSpeaker } from './testing/speaker-cluster.ts'

const reasons = ({ lines }: TestSpeaker): unknown[] =>
  lines.flatMap(({ caller, reason }) => (caller === 'liveness' && reason !== undefined ? [reason] : []))

/** A speaker beside which others run that it has never heard. */
async function deaf(): Promise<{ scene: SpeakerCluster; alone: TestSpeaker }> {
  const scene = speakerCluster({ running: ['n1'] })
  serveMany(scene, 9)
  await scene.rest(0)
  return { scene, alone: scene.speakers['n1']! }
}

describe('a speaker that hears nobody', () => {
  it('believes the API that others are there, takes only its share, and says once what may be wrong', async () => {
    const { scene, alone } = await deaf()
    await scene.rest(60_000)
    const share = alone.link.announced().size
    assert.ok(share > 0 && share <= 4, `${share} of 9`)
    assert.deepEqual(reasons(alone), ['NobodyHeard'])
    await scene.stop()
  })

  it('takes nothing while another speaks with another key, and goes on when that is over', async () => {
    const { scene, alone } = await deaf()
    for (let second = 0; second < 20; second++) {
      alone.link.tell({ kind: 'unreadable', node: 'n2' })
      await scene.rest(1000)
      assert.equal(alone.link.announced().size, 0)
    }
    assert.ok(reasons(alone).includes('WrongKey'))
    await scene.rest(5000)
    assert.ok(alone.link.announced().size > 0)
    await scene.stop()
  })
})

describe('a speaker among others', () => {
  it('is not kept from anything by junk from the address of one that it knows', async () => {
    const scene = speakerCluster()
    serveMany(scene, 6)
    await scene.rest()
    const { link } = scene.speakers['n1']!
    const before = link.announced().size
    scene.peers.cut('n2')
    scene.speakers['n2']!.link.setInterfaces()
    for (let second = 0; second < 3; second++) {
      link.tell({ kind: 'unreadable', node: 'n2' })
      await scene.rest(500)
    }
    assert.ok(before < 6)
    const taken = [1, 2, 3, 4, 5, 6].filter((at) => scene.answering(ipOf(at)).length === 1)
    assert.equal(taken.length, 6, 'what n2 had was taken over')
    await scene.stop()
  })

  it('tells of another machine that uses an address: an Event on the Service, and in its status, until it ends', async () => {
    const scene = speakerCluster()
    serveMany(scene, 3)
    await scene.rest()
    const [owner = ''] = scene.answering(ipOf(1))
    const about = { ip: ipOf(1), mac: '02:00:00:00:00:99', interface: 'eth0', times: 1, whose: 'foreign' } as const
    const { link } = scene.speakers[owner]!
    link.tell({ kind: 'conflict', ...about, form: 'arp-reply' })
    link.tell({ kind: 'conflict', ...about, form: 'arp-reply', times: 60 })
    await scene.rest()
    const events = scene.cluster.readAll(EVENTS).filter(({ reason }) => reason === 'addressConflict')
    assert.deepEqual(
      events.map(({ involvedObject, type, message }) => [involvedObject.name, type, message]),
      [['web-1', 'Warning', `node ${owner}: another machine (02:00:00:00:00:99) uses ${ipOf(1)} on eth0`]],
    )
    assert.deepEqual(
      scene.statusOf(owner)?.conflicts?.map(({ ip, mac }) => [ip, mac]),
      [[about.ip, about.mac]],
    )
    link.tell({ kind: 'conflictEnded', ...about })
    await scene.rest(10_000)
    assert.deepEqual(scene.statusOf(owner)?.conflicts, [])
    await scene.stop()
  })

  it('names the node whose kernel answers beside the owner, and says of its own node when that one does', async () => {
    const scene = speakerCluster()
    serveMany(scene, 3)
    await scene.rest()
    const [owner = ''] = scene.answering(ipOf(1))
    const other = owner === 'n1' ? 'n2' : 'n1'
    const mac = '02:00:00:00:00:77'
    const eth0 = [{ name: 'eth0', arp: true, ndp: true }]
    const macs = [parseMac(mac)!]
    const { files, link } = scene.speakers[other]!
    for (const name of ['all', 'eth0', 'kube-ipvs0']) {
      for (const key of ['arp_ignore', 'arp_announce']) files.set(`/proc/sys/net/ipv4/conf/${name}/${key}`, '0')
    }
    link.tell({ kind: 'interfaces', interfaces: eth0, impaired: [], macs })
    await scene.rest()
    const heard = { ip: ipOf(1), mac, interface: 'eth0', times: 2, whose: 'peer', form: 'arp-reply' } as const
    scene.speakers[owner]!.link.tell({ kind: 'conflict', ...heard })
    await scene.rest(10_000)
    assert.deepEqual(
      scene.statusOf(owner)?.conflicts?.map(({ ofNode }) => ofNode),
      [other],
    )
    const conditionOf = (node: string, type: string): unknown[] => {
      const found = scene.statusOf(node)?.conditions?.find((one) => one.type === type)
      return [found?.status, found?.reason]
    }
    assert.deepEqual(conditionOf(owner, 'AddressConflict'), ['True', 'NodeAnswer'])
    assert.deepEqual(conditionOf(owner, 'KernelAnswers'), ['False', 'NotIPVS'])
    assert.deepEqual(conditionOf(other, 'KernelAnswers'), ['True', 'StrictARPOff'])
    const [event] = scene.cluster.readAll(EVENTS).filter(({ reason }) => reason === 'addressConflict')
    assert.equal(event?.message, `node ${owner}: node ${other} (${mac}) uses ${ipOf(1)} on eth0`)
    await scene.stop()
  })
})
