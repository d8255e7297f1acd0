import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../names.ts'
import { judge, problemsWith, type RuleRow, verdictOf } from '../rule-rows.ts'

const literals = (count: number): string[] => Array.from({ length: count }, (_, index) => `1:${index}`)
const large = (count: number): string[] => Array.from({ length: count }, (_, index) => `large:1:2:${index}`)
const WEB = { matchLabels: { app: 'web' } }

const ROWS: readonly RuleRow[] = [
  {
    rule: 'IPv4 aggregates to at most 32 bits',
    refused: { aggregationLength: 33 },
    path: 'spec.aggregationLength',
    tells: ['33', 'IPv4', '32'],
    accepted: { aggregationLength: 32 },
  },
  {
    rule: 'IPv4 aggregates to at least 1 bit',
    refused: { aggregationLength: 0 },
    path: 'spec.aggregationLength',
    tells: ['0', 'IPv4'],
    accepted: { aggregationLength: 1 },
  },
  {
    rule: 'IPv6 aggregates to at most 128 bits',
    refused: { aggregationLengthV6: 129 },
    path: 'spec.aggregationLengthV6',
    tells: ['129', 'IPv6', '128'],
    accepted: { aggregationLengthV6: 128 },
  },
  {
    rule: 'an aggregation length of IPv6 is not negative',
    refused: { aggregationLengthV6: -1 },
    path: 'spec.aggregationLengthV6',
    tells: ['-1', 'IPv6'],
    accepted: { aggregationLengthV6: 0 },
  },
  {
    rule: 'an IPv4 aggregation excludes serviceSelectors',
    refused: { aggregationLength: 31, serviceSelectors: [WEB] },
    path: 'spec.aggregationLength',
    tells: ['31', 'IPv4', 'serviceSelectors', 'exclude each other'],
    accepted: { aggregationLength: 32, serviceSelectors: [WEB] },
  },
  {
    rule: 'an IPv6 aggregation excludes serviceSelectors',
    refused: { aggregationLengthV6: 127, serviceSelectors: [WEB] },
    path: 'spec.aggregationLengthV6',
    tells: ['127', 'IPv6', 'serviceSelectors', 'exclude each other'],
    accepted: { aggregationLengthV6: 127, serviceSelectors: [] },
  },
  {
    rule: 'localPref has 32 bits',
    refused: { localPref: 4294967296 },
    path: 'spec.localPref',
    tells: ['4294967296', '4294967295'],
    accepted: { localPref: 4294967295 },
  },
  {
    rule: 'localPref is not negative',
    refused: { localPref: -1 },
    path: 'spec.localPref',
    tells: ['-1'],
    accepted: { localPref: 0 },
  },
  {
    rule: 'no community stands twice',
    refused: { communities: ['1:2', '1:3', '1:2'] },
    path: 'spec.communities[2]',
    tells: ['"1:2"', 'communities[0]'],
    accepted: { communities: ['1:2', '1:3', 'large:1:2:3'] },
  },
  {
    rule: 'no peer is named twice',
    refused: { peers: ['tor', 'tor'] },
    path: 'spec.peers[1]',
    tells: ['"tor"'],
    accepted: { peers: ['tor', 'tor-2'] },
  },
  {
    rule: 'no pool is named twice',
    refused: { ipAddressPools: ['a', 'a'] },
    path: 'spec.ipAddressPools[1]',
    tells: ['"a"'],
    accepted: { ipAddressPools: ['a'] },
  },
  {
    rule: 'no service selector stands twice',
    refused: { serviceSelectors: [WEB, WEB] },
    path: 'spec.serviceSelectors[1]',
    tells: ['"app":"web"'],
    accepted: { serviceSelectors: [WEB, {}] },
  },
  {
    rule: 'the halves of a community have 16 bits each',
    refused: { communities: ['65536:1'] },
    path: 'spec.communities[0]',
    tells: ['"65536:1"', '65535'],
    accepted: { communities: ['65535:65535'] },
  },
  {
    rule: 'the parts of a large community have 32 bits each',
    refused: { communities: ['large:1:2:4294967296'] },
    path: 'spec.communities[0]',
    tells: ['4294967296', '4294967295'],
    accepted: { communities: ['large:1:2:4294967295'] },
  },
  {
    rule: 'a literal has digits only',
    refused: { communities: ['1:+2'] },
    path: 'spec.communities[0]',
    tells: ['"1:+2"', 'a:b', 'large:a:b:c'],
    accepted: { communities: ['1:2'] },
  },
  {
    rule: 'a name without a colon is an alias that exists, well-known ones included',
    refused: { communities: ['no-export'] },
    path: 'spec.communities[0]',
    tells: ['"no-export"', 'no Community object defines'],
    accepted: { communities: ['65535:65281'] },
  },
  {
    rule: 'communities fit one UPDATE',
    refused: { communities: literals(997) },
    path: 'spec.communities',
    tells: ['3988 bytes', '3987 bytes', '4096'],
    accepted: { communities: literals(996) },
  },
  {
    rule: 'large communities fit one UPDATE',
    refused: { communities: large(333) },
    path: 'spec.communities',
    tells: ['3996 bytes', '12'],
    accepted: { communities: large(332) },
  },
]

describe('the rules of a BGPAdvertisement', () => {
  for (const row of ROWS) {
    it(row.rule, () => assert.deepEqual(judge(KINDS.bgpAdvertisement, row), verdictOf(row)))
  }
  it('may have no spec at all', () => assert.deepEqual(problemsWith(KINDS.bgpAdvertisement, undefined), []))
})
