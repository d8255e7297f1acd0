import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noFaults, noteFault } from './faults.ts'

const FAULT = { interface: 'eth0', call: 'sendto', errno: 'ENOBUFS', message: 'sendto: ENOBUFS' }
const MINUTE = 60_000

describe('faults', () => {
  it('are told at once, then folded for a minute', () => {
    const faults = noFaults()
    const told = [0, 1, 1000, 59_999, 60_000, 60_001].map((now) => noteFault(faults, FAULT, now, MINUTE))
    assert.deepEqual(
      told.map((fact) => fact?.kind === 'fault' && fact.times),
      [1, false, false, false, 4, false],
    )
  })

  it('are told apart by interface, call and errno', () => {
    const faults = noFaults()
    const others = [{ interface: 'eth1' }, { call: 'bind' }, { errno: 'EIO' }, {}]
    const told = others.map((other) => noteFault(faults, { ...FAULT, ...other }, 0, MINUTE))
    assert.equal(told.filter((fact) => fact !== undefined).length, 4)
  })

  it('never fill the memory, however many interfaces come and go', () => {
    const faults = noFaults()
    for (let index = 0; index < 10_000; index++)
      noteFault(faults, { ...FAULT, interface: `veth${index}` }, index, MINUTE)
    assert.ok(faults.size <= 64)
  })
})
