import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { observedSession } from './session-news.ts'
import { PEER, PROFILE, sessionScene, set, settled } from '../testing/session-scene.ts'

const RED = { ...PEER, vrf: 'red' }
const UP = { name: 'red', ifindex: 3, up: true } as const
const GONE = { name: 'red', ifindex: undefined, up: false } as const
const PASSIVE = { ...RED, policy: { ...RED.policy, passive: true } }

describe('sessions in a VRF', () => {
  it('have its device watched, once for all of them, and no other', () => {
    const { sessions } = sessionScene()
    set(sessions, RED, { ...RED, name: 'rt2' }, { ...PEER, name: 'rt3' })
    assert.deepEqual(sessions.wantedLinks().devices, ['red'])
    set(sessions, { ...PEER, name: 'rt3' })
    assert.deepEqual(sessions.wantedLinks().devices, [])
  })

  it('are lost with their device, those of others are not, and are tried again when it is back', () => {
    const { bgp, sessions } = sessionScene()
    set(sessions, RED, { ...PEER, name: 'rt2' })
    sessions.onDevices([UP])
    const [red, plain] = bgp.sessions
    const tried = red?.retries ?? Number.NaN
    sessions.onDevices([GONE])
    assert.deepEqual(red?.lost, ['spec.vrf red: there is no such device on this host'])
    assert.equal(red?.retries, tried)
    sessions.onDevices([{ ...UP, ifindex: 4 }])
    assert.equal(red?.retries, tried + 1)
    assert.deepEqual([plain?.lost, plain?.retries], [[], 0])
  })

  it('that stand when their device is told of for the first time go on standing', async () => {
    const { bgp, sessions } = sessionScene()
    set(sessions, PASSIVE)
    await settled()
    bgp.sessions[0]?.see({ state: 'established' })
    sessions.onDevices([UP])
    await settled()
    assert.equal(bgp.sessions.length, 1)
    assert.deepEqual(bgp.sessions[0]?.lost, [])
  })

  it('say that their device is gone whatever ended them, until it is back', () => {
    const { bgp, sessions } = sessionScene(['red 192.0.2.1'])
    set(sessions, RED)
    sessions.onDevices([UP])
    const reported = (): string | undefined => sessions.slots().map(observedSession)[0]?.view.lastError
    bgp.sessions[0]?.see({ state: 'connect', lastError: 'the connection was lost: reset' })
    sessions.onDevices([GONE])
    assert.equal(reported(), 'the connection was lost: reset; spec.vrf red: there is no such device on this host')
    bgp.sessions[0]?.see({ state: 'connect', lastError: 'spec.vrf red: there is no such device on this host' })
    assert.equal(reported(), 'spec.vrf red: there is no such device on this host')
    bgp.sessions[0]?.see({ state: 'connect', lastError: 'refused' })
    sessions.onDevices([{ ...UP, ifindex: 4 }])
    assert.equal(reported(), 'refused')
  })

  it('that wait for their router listen anew on the device that took the place of theirs', async () => {
    const { bgp, sessions } = sessionScene()
    set(sessions, PASSIVE)
    sessions.onDevices([UP])
    await settled()
    const made = bgp.sessions.length
    sessions.onDevices([{ ...UP, ifindex: 4 }])
    await settled()
    assert.equal(bgp.sessions.length, made + 1)
    assert.equal(bgp.standing().length, 1)
  })

  it('are next to what is next to this host within the VRF, whatever is outside of it', () => {
    const { sessions } = sessionScene(['red 192.0.2.1'])
    const internal = { peerAsn: { kind: 'internal' }, bfdProfile: PROFILE } as const
    set(sessions, { ...RED, ...internal }, { ...PEER, ...internal, name: 'rt2' })
    assert.deepEqual(
      sessions.wantedLinks().bfd.map(({ device, multihop }) => [device, multihop]),
      [
        ['red', false],
        [undefined, true],
      ],
    )
  })

  it('say what is far away by where they look for it', () => {
    const { sessions, lines } = sessionScene()
    set(sessions, RED)
    assert.ok(lines.some(({ msg }) => String(msg).startsWith('192.0.2.1 is on no subnet of this node in red: if')))
  })
})
