import type { WatchedDevice } from '../messages.ts'
import type { LinkEffect, LinkState } from './state.ts'

/** The devices that sessions are bound to, and what was told of them last. */
export type DevicePart = { wanted: readonly string[]; told: string }

export function devicePart(): DevicePart {
  return { wanted: [], told: '[]' }
}

/** Whole, and only when it is another; nothing before the kernel was asked. */
export function tellDevices({ view, devices }: LinkState, effects: LinkEffect[]): void {
  if (view === undefined || (devices.wanted.length === 0 && devices.told === '[]')) return
  const links = new Map([...view.links.values()].map((link) => [link.name, link]))
  const found = devices.wanted.map((name): WatchedDevice => {
    const link = links.get(name)
    return { name, ifindex: link?.index, up: link?.up ?? false }
  })
  const text = JSON.stringify(found)
  if (text === devices.told) return
  devices.told = text
  effects.push({ kind: 'tell', fact: { kind: 'devices', devices: found } })
}
