import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeClock } from '@steelyard/runtime'
import { PEER, sessionScene, set } from '../testing/session-scene.ts'
import { gathered, observedSession } from './session-news.ts'

it('a session that cannot be yet is reported with the reason', () => {
  const { sessions } = sessionScene()
  set(sessions, { ...PEER, neighbour: { kind: 'interface', interface: 'eth1' } })
  const [only] = sessions.slots().map(observedSession)
  assert.equal(only?.neighbour, 'eth1:179')
  assert.equal(only?.view.state, 'idle')
  assert.match(only?.view.lastError ?? '', /^no router has been heard on interface eth1/)
})

it('what a router said last is not hidden by attempts that are refused after it, and is over with the next session', () => {
  const { bgp, sessions } = sessionScene(['192.0.2.1'])
  set(sessions, PEER)
  const lastError = (): string | undefined => sessions.slots().map(observedSession)[0]?.view.lastError
  const [session] = bgp.standing()
  session?.see({ state: 'established' })
  session?.hear('Cease, Administrative Shutdown (6/2): "until noon"')
  session?.see({ state: 'idle', lastError: 'the peer says: Cease, Administrative Shutdown (6/2): "until noon"' })
  assert.equal(lastError(), 'the peer says: Cease, Administrative Shutdown (6/2): "until noon"')
  session?.see({ state: 'connect', lastError: 'connection refused' })
  assert.equal(
    lastError(),
    'connection refused; before that the peer said: Cease, Administrative Shutdown (6/2): "until noon"',
  )
  session?.see({ state: 'established' })
  session?.see({ state: 'connect', lastError: 'connection refused' })
  assert.equal(lastError(), 'connection refused')
})

it('many changes of sessions are told as one, and those after it as another', () => {
  const clock = fakeClock()
  let told = 0
  const tell = gathered(clock, () => void told++)
  for (let times = 0; times < 100; times++) tell()
  assert.equal(told, 0)
  clock.advance(100)
  assert.equal(told, 1)
  tell()
  clock.advance(1000)
  assert.equal(told, 2)
})
