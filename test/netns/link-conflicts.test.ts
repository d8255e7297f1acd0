import { gratuitousFrames } from '@steelyard/arp-lib'
import { parseAddress, parseMac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { AddressConflict, DesiredAddress } from '../../speaker/src/link/messages.ts'
import { MAC } from './link/lan.ts'
import { eventually, type SpeakerNode } from './link/speaker-node.ts'
import { openStage, type Stage, textsOf, V4, V6 } from './link/stage.ts'

const PROBE: Readonly<Record<string, RegExp>> = {
  [V4]: /^0a > ff:ff:ff:ff:ff:ff arp request 0.0.0.0 at 0a to 192.0.2.99 at 00:00:00:00:00:00$/,
  [V6]: /^0a > 33:33:ff:00:00:99 :: > ff02::1:ff00:99 who has 2001:db8::99$/,
}
const ANNOUNCED: Readonly<Record<string, RegExp>> = {
  [V4]: /^0a > ff:ff:ff:ff:ff:ff arp request 192.0.2.99 at 0a to 192.0.2.99/,
  [V6]: /^0a > 33:33:00:00:00:01 2001:db8::99 > ff02::1 2001:db8::99 at 0a -O$/,
}
const LENGTH: Readonly<Record<string, string>> = { [V4]: '24', [V6]: '64' }

/** What a host says that has just configured an address: the first frame of a round. */
function foreignAnnouncement(ip: string): string {
  const mac = parseMac(MAC.client)!
  const [frame] = gratuitousFrames(parseAddress(ip)!, { mac, arp: true, ndp: true, ownMacs: [mac] })
  return Buffer.from(frame!).toString('hex')
}

const checked = (ip: string, check: 'warn' | 'refuse'): DesiredAddress[] => [{ ip, interfaces: 'all', check }]

/** Between the last rounds of a burst. */
const LAST_GAP_MS = 1000

describe('another machine on a real LAN that has an address of ours', () => {
  let stage: Stage
  before(async () => {
    stage = await openStage('alc')
  })
  afterEach(() => stage.calm())
  after(() => stage.close())

  /** Has the client's kernel have an address, without asking whether it may. */
  const configure = (ip: string): void => {
    const options = ip === V6 ? ['nodad'] : []
    stage.lan.spaces.ip(stage.lan.client, 'addr', 'add', `${ip}/${LENGTH[ip]}`, 'dev', 'e0', ...options)
  }
  /** The facts of one node from a place in its list on; each test looks only at its own. */
  const conflictsOf = ({ facts }: SpeakerNode, from: number): AddressConflict[] =>
    facts.slice(from).filter((fact) => fact.kind === 'conflict')
  const isChecked = ({ facts }: SpeakerNode, from: number): boolean =>
    facts.slice(from).some(({ kind }) => kind === 'checked')

  for (const ip of [V4, V6]) {
    it(`is found before ${ip} is announced, which is then refused, and told`, async () => {
      configure(ip)
      const [from, place] = [Date.now(), stage.a.facts.length]
      stage.a.desire(checked(ip, 'refuse'))
      await eventually('the conflict is told', () => conflictsOf(stage.a, place).length > 0)
      const [conflict] = conflictsOf(stage.a, place)
      const form = ip === V4 ? 'arp-reply' : 'advertisement'
      assert.deepEqual(
        { ...conflict, times: 0 },
        { kind: 'conflict', ip, mac: MAC.client, interface: 'e0', form, times: 0, whose: 'foreign', refused: true },
      )
      await new Promise((resolve) => setTimeout(resolve, 500))
      assert.equal(stage.heard(PROBE[ip]!, from).length, 1)
      assert.deepEqual([isChecked(stage.a, place), textsOf(stage.heard(ANNOUNCED[ip]!, from))], [false, []])
    })

    it(`is found while ${ip} is announced, and told, when it is only to be warned of`, async () => {
      configure(ip)
      const [from, place] = [Date.now(), stage.a.facts.length]
      stage.a.desire(checked(ip, 'warn'))
      await eventually('the conflict is told', () => conflictsOf(stage.a, place).length > 0)
      assert.deepEqual(
        conflictsOf(stage.a, place).map(({ mac, whose, refused }) => [mac, whose, refused]),
        [[MAC.client, 'foreign', undefined]],
      )
      await eventually('the burst goes on', () => stage.heard(ANNOUNCED[ip]!, from).length >= 5)
      assert.equal(isChecked(stage.a, place), false)
    })

    it(`that is not there delays ${ip} by 200 ms, three probes, and no more`, async (test) => {
      const [from, place] = [Date.now(), stage.a.facts.length]
      stage.a.desire(checked(ip, 'refuse'))
      await eventually('it announces', () => stage.heard(ANNOUNCED[ip]!, from).length > 0)
      const probes = stage.heard(PROBE[ip]!, from).map(({ atMs }) => atMs)
      const delay = stage.heard(ANNOUNCED[ip]!, from)[0]!.atMs - probes[0]!
      test.diagnostic(`announced ${delay.toFixed(1)} ms after the first probe`)
      assert.equal(probes.length, 3)
      assert.ok(delay >= 150, `${delay} ms`)
      await eventually('it says that the check has passed', () => isChecked(stage.a, place))
      assert.deepEqual(conflictsOf(stage.a, place), [])
    })

    it(`and announces ${ip} is told, and answered by one announcement at once`, async (test) => {
      const from = await stage.announceOnA([{ ip, interfaces: 'all' }])
      await eventually('the burst is over', () => stage.heard(ANNOUNCED[ip]!, from).length >= 9)
      // A frame of a burst before may have been among them: the last one of this burst comes within a second then.
      await new Promise((resolve) => setTimeout(resolve, LAST_GAP_MS + 200))
      const [then, place] = [Date.now(), stage.a.facts.length]
      stage.inject(foreignAnnouncement(ip), foreignAnnouncement(ip))
      await eventually('A defends', () => stage.heard(ANNOUNCED[ip]!, then).length > 0)
      await eventually('A has told', () => conflictsOf(stage.a, place).length > 0)
      const claim = stage.heard(
        ip === V4 ? /^0c > ff.* arp request 192.0.2.99 at 0c/ : /^0c > .* 2001:db8::99 at 0c -O$/,
        then,
      )
      const defence = stage.heard(ANNOUNCED[ip]!, then)
      test.diagnostic(`defended ${(defence[0]!.atMs - claim[0]!.atMs).toFixed(1)} ms after the claim`)
      assert.equal(claim.length, 2)
      await new Promise((resolve) => setTimeout(resolve, 300))
      assert.equal(stage.heard(ANNOUNCED[ip]!, then).length, 1, 'not twice within ten seconds')
      assert.equal(conflictsOf(stage.a, place).length, 1)
    })
  }

  it('is another speaker: that is told when it lasts, and not when the address moves', async () => {
    const place = stage.a.facts.length
    const both: DesiredAddress[] = [{ ip: V4, interfaces: 'all' }]
    stage.a.desire(both, [], { peerMacs: [MAC.b] })
    await eventually('A announces', () => stage.arping('-c', '1', '-w', '1', V4).includes(MAC.a))
    stage.b.desire(both, [], { peerMacs: [MAC.a] })
    await eventually('A tells', () => conflictsOf(stage.a, place).length > 0)
    assert.deepEqual(
      conflictsOf(stage.a, place).map(({ mac, whose }) => [mac, whose]),
      [[MAC.b, 'peer']],
    )
    assert.ok((conflictsOf(stage.a, place)[0]?.times ?? 0) > 2, 'a foreign machine would be told at its first frame')
  })
})
