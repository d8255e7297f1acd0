import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { DOCUMENT, REGISTRIES, renderDocument } from './document.ts'

const TEXT = readFileSync(DOCUMENT, 'utf8')
const ROW = /^\| `([a-z_0-9]+)` \| (counter|gauge|histogram) \| ([^|]*) \| [^|]+ \| ([^|]+) \|$/gm
const TABLE = [...TEXT.matchAll(ROW)].map(([, name = '', type = '', labels = '', bound = '']) => ({
  name,
  type,
  labels: [...labels.matchAll(/`([a-z]+)`/g)].map(([, label]) => label),
  bound,
}))

const named = (prefix: string, names: string): readonly string[] =>
  names.split(/\s+/).map((name) => `metallb_${prefix}_${name}`)

/** Of the contract, section 11. */
const CONTRACT: Readonly<Record<'controller' | 'speaker' | 'both', readonly string[]>> = {
  controller: named(
    'allocator',
    `addresses_total ipv4_addresses_total ipv6_addresses_total addresses_in_use_total ipv4_addresses_in_use_total
    ipv6_addresses_in_use_total services_allocated_total`,
  ),
  both: named('k8s_client', 'updates_total update_errors_total config_loaded_bool config_stale_bool'),
  speaker: [
    'metallb_speaker_announced',
    ...named('layer2', 'requests_received responses_sent gratuitous_sent'),
    ...named(
      'bgp',
      `session_up announced_prefixes_total pending_prefixes_total opens_sent opens_received notifications_sent updates_total
      updates_total_received keepalives_sent keepalives_received route_refresh_sent total_sent total_received`,
    ),
    ...named(
      'bfd',
      `session_up control_packet_input control_packet_output echo_packet_input echo_packet_output session_up_events
      session_down_events zebra_notifications`,
    ),
  ],
}

describe('docs/metrics.md', () => {
  it('is what the registries say: npm run docs makes it', () => assert.equal(TEXT, renderDocument()))

  for (const program of ['controller', 'speaker'] as const) {
    it(`has every metric that the registry of a ${program} answers with, by name and type`, async () => {
      const answer = await REGISTRIES[program].render()
      const told = [...answer.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
      assert.ok(told.length > 20)
      const known = new Set(TABLE.map(({ name, type }) => `${name} ${type}`))
      assert.deepEqual(
        told.filter((one) => !known.has(one)),
        [],
      )
    })

    it(`names all that the contract wants of a ${program}`, () => {
      const names = REGISTRIES[program].families.map(({ name }) => name)
      const wanted = [...CONTRACT[program], ...CONTRACT.both]
      assert.deepEqual(
        wanted.filter((name) => !names.includes(name)),
        [],
      )
      const others = names.filter((name) => name.startsWith('metallb_') && !wanted.includes(name))
      assert.deepEqual(others, [])
    })
  }

  it('says of each what bounds it', () => {
    for (const { name, bound } of TABLE) assert.notEqual(bound.trim(), '', name)
  })
})
