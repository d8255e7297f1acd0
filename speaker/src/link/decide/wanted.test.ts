import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DesiredAddress } from '../messages.ts'
import { wantedOf } from './wanted.ts'

describe('what is wanted', () => {
  const table: [name: string, desired: DesiredAddress[], on: 'all' | string[]][] = [
    ['one desire', [{ ip: '192.0.2.1', interfaces: ['a'] }], ['a']],
    [
      'two that differ are united',
      [
        { ip: '192.0.2.1', interfaces: ['a'] },
        { ip: '192.0.2.1', interfaces: ['b', 'a'] },
      ],
      ['a', 'b'],
    ],
    [
      'all and some is all',
      [
        { ip: '192.0.2.1', interfaces: ['a'] },
        { ip: '192.0.2.1', interfaces: 'all' },
      ],
      'all',
    ],
    [
      'some and all is all',
      [
        { ip: '192.0.2.1', interfaces: 'all' },
        { ip: '192.0.2.1', interfaces: ['a'] },
      ],
      'all',
    ],
    ['none at all', [{ ip: '192.0.2.1', interfaces: [] }], []],
  ]
  for (const [name, desired, on] of table) {
    it(name, () => {
      const wanted = wantedOf(desired).get('192.0.2.1')
      assert.deepEqual(wanted?.on === 'all' ? 'all' : [...(wanted?.on ?? [])], on)
    })
  }

  it('knows an address by its canonical text', () => {
    const wanted = wantedOf([
      { ip: '2001:DB8:0::1', interfaces: ['a'] },
      { ip: '2001:db8::1', interfaces: ['b'] },
    ])
    assert.deepEqual([...wanted.keys()], ['2001:db8::1'])
  })
})
