import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLogger } from '@steelyard/program'
import { tellBgpChanges, tellDisagreement, type Telling, tellWithheld } from './announcement-log.ts'
import type { BgpServiceChange } from './decide/bgp/book.ts'
import { service } from './testing/objects.ts'

function setUp(shown: readonly string[] = []) {
  const lines: Record<string, unknown>[] = []
  const events: unknown[] = []
  const log = createLogger({
    level: 'debug',
    caller: 'test',
    to: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  const telling: Telling = {
    protocol: 'bgp',
    node: 'n1',
    services: new Map([['shop/web', service('web')]]),
    events: { tell: (_object, ...what) => void events.push(what) },
    log,
    isShown: (key) => shown.includes(key),
    why: () => ({ reason: 'noLocalEndpoints', message: 'nothing serves' }),
  }
  const told = () => lines.map(({ level, msg, event, reason, peers }) => [level, msg, event, reason, peers])
  return { telling, told, events, lines }
}

const ON = { ips: ['192.0.2.1'], peers: ['tor'] }
const change = (before: BgpServiceChange['before'], now: BgpServiceChange['now']) =>
  new Map([['shop/web', { before, now }]])

describe('what is said of announcing to routers', () => {
  it('is an Event and a line when it begins', () => {
    const { telling, told, events, lines } = setUp()
    tellBgpChanges(change(undefined, ON), telling)
    assert.deepEqual(told(), [['info', 'announced', 'serviceAnnounced', undefined, ['tor']]])
    assert.deepEqual(events, [['Normal', 'nodeAssigned', 'node n1 announces 192.0.2.1, protocol bgp']])
    assert.deepEqual([lines[0]?.['protocol'], lines[0]?.['service']], ['bgp', 'shop/web'])
  })
  it('is no Event for what a former life of the speaker has told', () => {
    const { telling, events } = setUp(['shop/web'])
    tellBgpChanges(change(undefined, ON), telling)
    assert.deepEqual(events, [])
  })
  it('is the reason when it ends', () => {
    const { telling, told, events } = setUp()
    tellBgpChanges(change(ON, undefined), telling)
    assert.deepEqual(told(), [['info', 'withdrawn: nothing serves', 'serviceWithdrawn', 'noLocalEndpoints', undefined]])
    assert.deepEqual(events, [])
  })
  it('is an end and a beginning for other addresses, and nothing for other peers', () => {
    const { telling, told } = setUp()
    tellBgpChanges(change(ON, { ...ON, peers: ['spine', 'tor'] }), telling)
    assert.deepEqual(told(), [])
    tellBgpChanges(change(ON, { ...ON, ips: ['192.0.2.2'] }), telling)
    assert.deepEqual(
      told().map(([, , event, reason]) => [event, reason]),
      [
        ['serviceWithdrawn', 'loadBalancerIPChanged'],
        ['serviceAnnounced', undefined],
      ],
    )
  })
  it('is loud where somebody has to mend it', () => {
    const { telling, told } = setUp()
    tellWithheld('shop/web', { reason: 'notOwner', message: 'elsewhere' }, telling)
    tellWithheld('shop/web', { reason: 'conflictingAdvertisements', message: 'a has 1, b has 2' }, telling)
    tellDisagreement({ service: 'shop/web', winner: 'shop/api', prefix: '192.0.2.1/32', peer: 'tor' }, telling.log)
    assert.deepEqual(
      told().map(([level, , , reason]) => [level, reason]),
      [
        ['debug', 'notOwner'],
        ['info', 'conflictingAdvertisements'],
        ['warn', 'conflictingAdvertisements'],
      ],
    )
  })
})
