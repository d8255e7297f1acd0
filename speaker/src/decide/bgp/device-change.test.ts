import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WatchedDevice } from '../../link/messages.ts'
import { type DeviceChange, deviceChange } from './device-change.ts'

const device = (ifindex: number | undefined, up = ifindex !== undefined): WatchedDevice => ({
  name: 'red',
  ifindex,
  up,
})
const gone = { kind: 'lost', why: 'spec.vrf red: there is no such device on this host' } as const
const off = { kind: 'lost', why: 'spec.vrf red: the device is down' } as const
const back = { kind: 'back', lost: undefined } as const

describe('what becomes of a session when its device', () => {
  const table: readonly (readonly [string, WatchedDevice | undefined, WatchedDevice, DeviceChange | undefined])[] = [
    ['is told of first, and is there', undefined, device(3), back],
    ['is told of first, and is not there', undefined, device(undefined), gone],
    ['is told of first, and is down', undefined, device(3, false), off],
    ['is removed', device(3), device(undefined), gone],
    ['is removed while it is down', device(3, false), device(undefined), gone],
    ['is still not there', device(undefined), device(undefined), undefined],
    ['is switched off', device(3), device(3, false), off],
    ['is made, and is still down', device(undefined), device(3, false), undefined],
    ['is switched on', device(3, false), device(3), back],
    ['is made', device(undefined), device(3), back],
    [
      'is another of its name',
      device(3),
      device(4),
      { kind: 'back', lost: 'spec.vrf red: the device was removed and made anew' },
    ],
    ['is another of its name, and down', device(3), device(4, false), off],
    ['is as it was', device(3), device(3), undefined],
  ]
  for (const [name, before, now, change] of table) {
    it(name, () => assert.deepEqual(deviceChange(before, now), change))
  }
})
