import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parsePrefix } from '@steelyard/net'
import { encodeMessage } from '../codec/message-codec.ts'
import { OPENING_TERMS } from '../codec/wire-terms.ts'
import type { Update } from '../message.ts'
import { route, routes } from '../testing/duet.ts'
import { rawPeer } from '../testing/raw-peer.ts'
import { keepaliveBytes, openBytes } from './error-table.ts'

const IN_ONE = 800
const TERMS = { ...OPENING_TERMS, fourOctetAsn: true }

function update(at: number): Uint8Array {
  const reachable = Array.from({ length: IN_ONE }, (_, index) => {
    const value = at * IN_ONE + index
    return parsePrefix(`10.${value >> 16}.${(value >> 8) & 255}.${value & 255}/32`)!
  })
  const attributes: Update['attributes'] = {
    origin: 'igp',
    asPath: [{ kind: 'sequence', asns: [64_513] }],
    nextHop: parsePrefix('192.0.2.2/32')!.address,
  }
  return encodeMessage({ kind: 'update', withdrawn: [], attributes, reachable }, TERMS)
}

/** What is really held: garbage is thrown away first. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

it('a peer that sends a million routes is counted, and costs no memory', () => {
  const peer = rawPeer()
  peer.say(openBytes())
  peer.say(keepaliveBytes())
  const some = Array.from({ length: 50 }, (_, at) => update(at))
  for (const bytes of some) peer.say(bytes)
  const before = heldBytes()
  for (let times = 1; times < 25; times++) for (const bytes of some) peer.say(bytes)
  assert.ok(heldBytes() - before < 1_000_000, `${heldBytes() - before} bytes more`)
  assert.equal(peer.session.counters().receivedPrefixes, 1_000_000)
  peer.session.change(routes(route('203.0.113.0/24')))
  peer.clock.advance(0)
  assert.equal(peer.heard('update').length, 1, 'and we are heard all the same')
})

it('a peer whose messages come byte by byte is understood', () => {
  const peer = rawPeer()
  for (const byte of [...openBytes(), ...keepaliveBytes(), ...update(1)]) peer.say(Uint8Array.of(byte))
  assert.equal(peer.session.counters().receivedPrefixes, IN_ONE)
})
