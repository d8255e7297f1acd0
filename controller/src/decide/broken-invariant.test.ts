import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Address, parseAddress } from '@steelyard/net'
import { DUAL, examplePools, exampleView, type PoolExamples, type ServiceExample } from '../testing/examples.ts'
import { findPlace, newLedger, seat } from './ledger.ts'
import { poolsOf } from './pools.ts'
import { type Stage, STEPS, type Verdict } from './steps.ts'
import { wishOf } from './wish.ts'

const POOLS: PoolExamples = {
  a: ['10.0.0.0/24', 'fd00::/64'],
  b: ['10.0.1.0/24', 'fd01::/64'],
  shop: { addresses: ['10.0.2.0/24'], serviceAllocation: { namespaces: ['shop'] } },
}

/** What the last step makes of addresses that an earlier one should not have chosen. */
function verdictOn(texts: readonly string[], service: ServiceExample = {}): Verdict | undefined {
  const pools = examplePools(POOLS)
  const ledger = newLedger(pools)
  const placeAt = (text: string): Stage['places'][number] => {
    const address: Address | undefined = parseAddress(text)
    const place = address && findPlace(ledger, address)
    if (place === undefined) throw new Error(`${text} is in no pool`)
    return place
  }
  seat(ledger, placeAt('10.0.0.5'), { service: 'default/holder', ports: ['TCP/80'] })
  const wish = wishOf(exampleView('default/web', service))
  return STEPS.at(-1)?.({ ledger, pools: poolsOf(pools), wish, present: [], places: texts.map(placeAt) })
}

describe('addresses that should never have been chosen', () => {
  const cases: [name: string, texts: string[], service: ServiceExample, message: RegExp | undefined][] = [
    [
      'one that another holds',
      ['10.0.0.5'],
      {},
      /10\.0\.0\.5 should never have been chosen: .*held by default\/holder/,
    ],
    ['two of different pools', ['10.0.0.1', 'fd01::1'], { spec: DUAL }, /are not of one pool/],
    ['two of one family', ['10.0.0.1', '10.0.0.2'], {}, /they are of one family/],
    ['one of a pool that does not admit the Service', ['10.0.2.1'], {}, /does not admit it/],
    ['one that is right', ['10.0.0.1'], {}, undefined],
    ['two that are right', ['10.0.0.1', 'fd00::1'], { spec: DUAL }, undefined],
    ['none', [], {}, undefined],
  ]
  for (const [name, texts, service, message] of cases) {
    it(`${name}: ${message === undefined ? 'nothing is said' : 'cleared, and told as InternalError'}`, () => {
      const verdict = verdictOn(texts, service)
      if (message === undefined) return assert.deepEqual(verdict, { kind: 'goOn' })
      assert.ok(verdict?.kind === 'clear' && verdict.stop && verdict.tell !== undefined)
      assert.equal(`${verdict.tell.type} ${verdict.tell.reason}`, 'Warning InternalError')
      assert.match(verdict.tell.message, message)
    })
  }
})
