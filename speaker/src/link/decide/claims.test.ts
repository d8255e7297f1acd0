import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addNic, memoryLan } from '../memory-lan.ts'
import { hearClaim } from './claims.ts'
import type { MemberLife } from './member-state.ts'
import type { LinkEffect } from './state.ts'

const IP = '192.0.2.99'
const CLAIM = { ip: IP, mac: Uint8Array.of(2, 0, 0, 0, 0, 0x66), form: 'arp-announcement' } as const

/** What follows from a claim of an address that is announced on a channel, while the node keeps silent about it or not. */
function heard(life: Pick<MemberLife, 'isSettled' | 'silenced'>): string[] {
  const lan = memoryLan()
  addNic(lan, 'eth0', '01')
  lan.desire({ addresses: [{ ip: IP, interfaces: 'all' }], excludeInterfaces: [] })
  lan.run(6000)
  const { state } = lan.loop
  const [channel] = [...state.channels.values()]
  state.member.life = life as MemberLife
  const effects: LinkEffect[] = []
  hearClaim(state, { channel: channel!, claim: CLAIM }, { now: 6000, config: lan.loop.world.config }, effects)
  return effects.map((effect) => (effect.kind === 'tell' ? effect.fact.kind : effect.kind))
}

describe('a claim of an address', () => {
  const table: [name: string, life: Pick<MemberLife, 'isSettled' | 'silenced'>, effects: string[]][] = [
    [
      'that this node answers for is told and answered',
      { isSettled: true, silenced: new Map() },
      ['conflict', 'send', 'send'],
    ],
    [
      'that another speaker has the better claim to is none of ours',
      { isSettled: true, silenced: new Map([[IP, undefined]]) },
      [],
    ],
    ['while this node does not answer at all is none of ours', { isSettled: false, silenced: new Map() }, []],
  ]
  for (const [name, life, effects] of table) it(name, () => assert.deepEqual(heard(life), effects))
})
