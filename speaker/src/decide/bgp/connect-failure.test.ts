import { parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectFailure, type FailedTarget, impossible, peerEnded } from './connect-failure.ts'

const PEER = parseAddress('192.0.2.1') ?? assert.fail()
const SOURCE = parseAddress('192.0.2.9') ?? assert.fail()
const LINK_LOCAL = parseAddress('fe80::1') ?? assert.fail()
const TARGET: FailedTarget = { address: PEER, port: 179, hasPassword: false }

describe('connectFailure', () => {
  const cases: readonly (readonly [errno: string, target: Partial<FailedTarget>, expected: RegExp])[] = [
    ['ECONNREFUSED', {}, /192\.0\.2\.1 refuses connections to port 179 \(ECONNREFUSED\)/],
    ['ETIMEDOUT', {}, /^no answer within 9 s from 192\.0\.2\.1 port 179; a firewall/],
    ['ETIMEDOUT', { hasPassword: true }, /^no answer within 9 s .* if the password differs/],
    ['EHOSTUNREACH', {}, /192\.0\.2\.1 cannot be reached/],
    ['ENETUNREACH', {}, /^this host has no route to 192\.0\.2\.1 \(ENETUNREACH\)$/],
    ['ENETUNREACH', { device: 'blue' }, /no route to 192\.0\.2\.1 in blue/],
    ['EADDRNOTAVAIL', { sourceAddress: SOURCE }, /^spec\.sourceAddress 192\.0\.2\.9 is not an address of this host$/],
    ['ENODEV', { device: 'blue' }, /^spec\.vrf blue: there is no such device on this host$/],
    ['EINVAL', { interfaceName: 'eth7' }, /^the interface eth7 cannot be used \(EINVAL\)/],
    ['ECONNRESET', {}, /192\.0\.2\.1 reset the connection/],
    ['EXYZ', {}, /192\.0\.2\.1 failed \(EXYZ\)/],
  ]
  for (const [errno, target, expected] of cases) {
    it(`says of ${errno} with ${Object.keys(target).join() || 'nothing else'} what to look at`, () => {
      assert.match(connectFailure({ ...TARGET, ...target }, errno), expected)
    })
  }
  it('tells a peer that never said anything from one that left', () => {
    assert.match(peerEnded(PEER, false), /without a word/)
    assert.equal(peerEnded(PEER, true), '192.0.2.1 closed the connection')
  })
})

describe('impossible', () => {
  const cases: readonly (readonly [name: string, target: Partial<FailedTarget>, bytes: number, expected?: RegExp])[] = [
    ['nothing of what can be tried', {}, 80],
    ['a password of 81 bytes', { hasPassword: true }, 81, /81 bytes, and TCP MD5 signatures take at most 80/],
    ['a source of the other family', { sourceAddress: LINK_LOCAL, interfaceName: 'eth0' }, 0, /is IPv6, and the peer/],
    ['a link-local peer anywhere', { address: LINK_LOCAL }, 0, /fe80::1 is a link-local address, and no interface/],
    ['a device of sixteen letters', { device: 'a'.repeat(16) }, 0, /^spec\.vrf a{16}: there is no such device/],
  ]
  for (const [name, target, bytes, expected] of cases) {
    it(`is ${name}`, () => {
      const why = impossible({ ...TARGET, ...target }, bytes)
      if (expected === undefined) assert.equal(why, undefined)
      else assert.match(why ?? '', expected)
    })
  }
})
