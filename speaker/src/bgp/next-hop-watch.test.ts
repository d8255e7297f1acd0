import type { NextHops, SessionView } from '@steelyard/bgp-ts'
import { type Address, formatAddress, parseAddress } from '@steelyard/net'
import { SystemCallError } from '@steelyard/raw-socket'
import { fakeClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { HostAddress } from '../decide/bgp/next-hops.ts'
import { watchNextHops } from './next-hop-watch.ts'

function at(text: string): Address {
  const address = parseAddress(text)
  assert.ok(address)
  return address
}

const host = (text: string, prefixLength: number, tentative = false): HostAddress => ({
  index: 2,
  address: at(text),
  prefixLength,
  scope: 'global',
  tentative,
})

const ESTABLISHED: NonNullable<SessionView['established']> = {
  localAddress: at('192.0.2.11'),
  remoteAddress: at('192.0.2.1'),
  remoteAsn: 64513,
  remoteRouterId: 1,
  holdMs: 90_000,
  keepaliveMs: 30_000,
  families: [4, 6],
  fourOctetAsn: true,
  extendedNextHop: false,
  gracefulRestart: false,
  routeRefresh: true,
}

it('gives a session the IPv6 next hop that was still tentative when it came up, and asks no more once it is over', () => {
  const clock = fakeClock()
  const told: NextHops[] = []
  const lastIpv6 = (): string | undefined => {
    const { ipv6 } = told[told.length - 1] ?? {}
    return ipv6 === undefined ? undefined : formatAddress(ipv6)
  }
  let addresses: readonly HostAddress[] = [host('192.0.2.11', 24), host('2001:db8::11', 64, true)]
  let refuses = false
  let view: SessionView = { state: 'connect', since: 0, flaps: 0, announced: 0, pending: 0, unsendable: 0 }
  const stop = watchNextHops({ view: () => view, setNextHops: (nextHops) => void told.push(nextHops) }, undefined, {
    clock,
    host: () => {
      if (refuses) throw new SystemCallError('sendto', 'ENOBUFS')
      return addresses
    },
  })
  clock.advance(10_000)
  assert.deepEqual(told, [], 'nothing before it is established')
  view = { ...view, state: 'established', established: ESTABLISHED }
  clock.advance(10_000)
  assert.deepEqual([told.length, lastIpv6()], [1, undefined])
  addresses = [host('192.0.2.11', 24), host('2001:db8::11', 64)]
  refuses = true
  clock.advance(10_000)
  assert.equal(told.length, 1, 'a kernel that cannot be asked changes nothing')
  refuses = false
  clock.advance(10_000)
  assert.equal(lastIpv6(), '2001:db8::11')
  stop()
  clock.advance(60_000)
  assert.equal(told.length, 2)
})
