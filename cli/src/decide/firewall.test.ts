import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { firewallChecks } from './firewall.ts'
import type { NodeFacts } from './node-check.ts'

type Ruleset = NonNullable<NodeFacts['ruleset']>

const nft = (...rules: readonly string[]): Ruleset => ({
  tool: 'nft',
  text: `table inet filter {\n chain input {\n  type filter hook input priority filter; policy drop;\n  ${rules.join('\n  ')}\n }\n}\n`,
})
const iptables = (...rules: readonly string[]): Ruleset => ({
  tool: 'iptables',
  text: `*filter\n:INPUT DROP [0:0]\n${rules.join('\n')}\nCOMMIT\n`,
})

/** Of membership, BFD and multihop BFD: what is found. */
describe('a firewall', () => {
  const rows: readonly (readonly [name: string, ruleset: Ruleset | undefined, results: string])[] = [
    ['that nobody can look at is not checked', undefined, 'notChecked notChecked notChecked'],
    ['that drops nothing by default is no obstacle', { tool: 'nft', text: 'table ip nat { }' }, 'ok ok ok'],
    ['of nft that drops what it does not know is one', nft('tcp dport 22 accept'), 'warning warning warning'],
    ['of nft that names a port lets it in', nft('udp dport 7946 accept'), 'ok warning warning'],
    ['of nft that has it in a set lets it in', nft('udp dport { 3784, 3785, 4784 } accept'), 'warning ok ok'],
    ['of nft that has it in a range lets it in', nft('udp dport 3000-8000 accept'), 'ok ok ok'],
    [
      'of iptables that drops what it does not know is one',
      iptables('-A INPUT -p tcp --dport 22 -j ACCEPT'),
      'warning warning warning',
    ],
    [
      'of iptables that names a port lets it in',
      iptables('-A INPUT -p udp -m udp --dport 7946 -j ACCEPT'),
      'ok warning warning',
    ],
    [
      'of iptables that has it in a list lets it in',
      iptables('-A INPUT -p udp -m multiport --dports 3784,4784 -j ACCEPT'),
      'warning ok ok',
    ],
    [
      'of iptables that has it in a range lets it in',
      iptables('-A INPUT -p udp -m udp --dport 7000:8000 -j ACCEPT'),
      'ok warning warning',
    ],
    [
      'of iptables that drops by its last rule is one',
      { tool: 'iptables', text: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\n' },
      'warning warning warning',
    ],
  ]
  for (const [name, ruleset, results] of rows) {
    it(name, () => {
      const found = firewallChecks({
        interfaces: [],
        rpFilterAll: 0,
        arpAnnounceAll: 0,
        arpIgnoreAll: 0,
        listening: undefined,
        ruleset,
      })
      assert.equal(found.map(({ result }) => result).join(' '), results)
    })
  }
})
