import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { L2Advertisement } from '@steelyard/model'
import { missingInterfaces, noticeMetadata, readNotice } from './interface-notice.ts'

const on = (interfaces: string[], rack?: string): L2Advertisement => ({
  name: 'ad',
  pools: new Set(['one']),
  nodeSelectors: rack === undefined ? [] : [[{ key: 'rack', operator: 'In', values: [rack] }]],
  serviceSelectors: [],
  interfaces,
  preferredNodes: [],
})
const usable = (...names: string[]) => new Set(names)

describe('missingInterfaces', () => {
  const cases: [name: string, ads: L2Advertisement[], usable: Set<string> | undefined, missing: string[]][] = [
    ['nothing is missing that nobody names', [on([])], usable('eth0'), []],
    ['nothing is missing that is there', [on(['eth0'])], usable('eth0', 'eth1'), []],
    ['what is named and not there is', [on(['eth1', 'eth0']), on(['eth2', 'eth1'])], usable('eth0'), ['eth1', 'eth2']],
    ['what is named for other nodes is not', [on(['eth1'], 'b')], usable('eth0'), []],
    ['all is, where there is none', [on([])], usable(), ['*']],
    ['all is, without a configuration', [], undefined, ['*']],
  ]
  for (const [name, ads, there, missing] of cases) {
    it(name, () => assert.deepEqual([...missingInterfaces(ads, { rack: 'a' }, there)], missing))
  }
})

describe('a notice', () => {
  it('comes back as it was given', () => {
    for (const names of [['eth1'], ['*'], ['bond0.7', 'eth1']]) {
      assert.deepEqual([...readNotice(noticeMetadata(new Set(names)))], names)
    }
  })
  it('is not there when nothing is missing', () => {
    assert.deepEqual(noticeMetadata(new Set()), { labels: {}, annotations: {} })
    assert.deepEqual([...readNotice({})], [])
  })
  it('counts only with its label, for the others follow that', () => {
    assert.deepEqual([...readNotice({ annotations: { 'steelyard.dev/missing-interfaces': 'eth1' } })], [])
  })
})
