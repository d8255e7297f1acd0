import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NETWORK_CONTROL, precedenceOf } from './traffic-class.ts'

describe('the precedence of a traffic class', () => {
  for (const [trafficClass, precedence, name] of [
    [0x00, 0, 'default forwarding'],
    [0x20, 1, 'class selector 1'],
    [0xb8, 5, 'expedited forwarding'],
    [0xba, 5, 'expedited forwarding with an ECN bit'],
    [NETWORK_CONTROL, 6, 'network control'],
    [0xff, 7, 'the highest there is'],
  ] as const) {
    it(`of ${name} is ${precedence}`, () => assert.equal(precedenceOf(trafficClass), precedence))
  }
})
