import { formatAddress, formatMac, parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALL_NODES, groupMac, isGroup, isLinkLocal, isUnspecified, solicitedNodeGroup } from './ipv6-scope.ts'

describe('groups and scopes of IPv6', () => {
  const groups: [address: string, group: string, mac: string][] = [
    ['2001:db8::b', 'ff02::1:ff00:b', '33:33:ff:00:00:0b'],
    ['fe80::5eff:fe00:530b', 'ff02::1:ff00:530b', '33:33:ff:00:53:0b'],
    ['2001:db8::ffff:ffff', 'ff02::1:ffff:ffff', '33:33:ff:ff:ff:ff'],
    ['2001:db8:1:2:3:4:5:678', 'ff02::1:ff05:678', '33:33:ff:05:06:78'],
  ]
  for (const [address, group, mac] of groups) {
    it(`${address} is asked for in ${group}, which is ${mac}`, () => {
      const found = solicitedNodeGroup(parseAddress(address)!)
      assert.equal(formatAddress(found), group)
      assert.equal(formatMac(groupMac(found)), mac)
    })
  }

  it('all nodes are ff02::1, 33:33:00:00:00:01', () => {
    assert.equal(formatAddress(ALL_NODES), 'ff02::1')
    assert.equal(formatMac(groupMac(ALL_NODES)), '33:33:00:00:00:01')
  })

  const scopes: [address: string, group: boolean, linkLocal: boolean, unspecified: boolean][] = [
    ['ff02::1', true, false, false],
    ['ff0e::1', true, false, false],
    ['fe80::1', false, true, false],
    ['febf::1', false, true, false],
    ['fec0::1', false, false, false],
    ['2001:db8::1', false, false, false],
    ['::', false, false, true],
    ['::1', false, false, false],
    ['0.0.0.0', false, false, true],
    ['169.254.0.1', false, false, false],
  ]
  for (const [text, group, linkLocal, unspecified] of scopes) {
    it(`${text}: group ${group}, link-local ${linkLocal}, unspecified ${unspecified}`, () => {
      const address = parseAddress(text)!
      assert.deepEqual(
        [isGroup(address), isLinkLocal(address), isUnspecified(address)],
        [group, linkLocal, unspecified],
      )
    })
  }
})
