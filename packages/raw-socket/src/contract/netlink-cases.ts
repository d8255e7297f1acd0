import assert from 'node:assert/strict'
import { formatAddress } from '@steelyard/net'
import type { Link, NetlinkEvent, NetlinkSocket } from '../link-io.ts'
import { awaitEvent, type ContractBench, type ContractCase, SOMEBODY_ELSE } from './bench.ts'

function nearLink({ near }: ContractBench, netlink: NetlinkSocket): Link | undefined {
  return netlink.dumpLinks().find(({ index }) => index === near.ifindex)
}

/** What an event says of the near end's link. */
function linkNews({ near }: ContractBench): (event: NetlinkEvent) => (Link & { readonly change: string }) | undefined {
  return (event) =>
    event.kind === 'link' && event.link.index === near.ifindex ? { ...event.link, change: event.change } : undefined
}

const LINKS: readonly ContractCase[] = [
  {
    name: 'a dump tells an interface whole',
    run: (bench) => {
      const link = nearLink(bench, bench.io.openNetlink())
      const { ifindex: index, name, mac } = bench.near
      const flags = { up: true, running: true, broadcast: true, noArp: false, loopback: false }
      assert.deepEqual(link && { ...link, mac: Uint8Array.from(link.mac) }, {
        index,
        name,
        mac,
        mtu: 1500,
        ...flags,
        kind: 'veth',
      })
    },
  },
  {
    name: 'an interface that goes down and up again is told, and dumped so',
    run: (bench) => {
      const netlink = bench.io.openNetlink()
      for (const up of [false, true]) {
        bench.setUp(up)
        const find = linkNews(bench)
        const news = awaitEvent(bench.io, netlink, (event) => (find(event)?.up === up ? find(event) : undefined))
        assert.deepEqual({ change: news.change, name: news.name }, { change: 'new', name: bench.near.name })
        assert.equal(nearLink(bench, netlink)?.up, up)
      }
    },
  },
  {
    name: 'an interface whose other end is down has no carrier: it is up and not running',
    run: (bench) => {
      const netlink = bench.io.openNetlink()
      bench.setUp(false)
      const far = awaitEvent(bench.io, netlink, (event) =>
        event.kind === 'link' && event.link.index === bench.far.ifindex && !event.link.running ? event.link : undefined,
      )
      assert.equal(far.up, true)
    },
  },
  {
    name: 'an interface that is removed is told, and dumped no more',
    run: (bench) => {
      const netlink = bench.io.openNetlink()
      bench.remove()
      const find = linkNews(bench)
      awaitEvent(bench.io, netlink, (event) => (find(event)?.change === 'deleted' ? true : undefined))
      assert.equal(nearLink(bench, netlink), undefined)
    },
  },
]

const ADDRESSES: readonly ContractCase[] = (
  [
    ['192.0.2.77', 24],
    ['2001:db8::77', 64],
  ] as const
).map(([text, prefixLength]) => ({
  name: `${text} is told and dumped when it is added, and told when it is removed`,
  run: (bench: ContractBench) => {
    const netlink = bench.io.openNetlink()
    const told = (change: 'new' | 'deleted') => (event: NetlinkEvent) =>
      event.kind === 'address' && event.change === change && formatAddress(event.address.address) === text
        ? event.address
        : undefined
    bench.addAddress(text, prefixLength)
    const { index, scope, ...added } = awaitEvent(bench.io, netlink, told('new'))
    assert.deepEqual(
      { index, scope, prefixLength: added.prefixLength },
      { index: bench.near.ifindex, scope: 'global', prefixLength },
    )
    const dumped = netlink.dumpAddresses().filter(({ address }) => formatAddress(address) === text)
    assert.deepEqual(dumped, [{ index, scope, prefixLength, address: added.address, tentative: false }])
    bench.removeAddress(text, prefixLength)
    awaitEvent(bench.io, netlink, told('deleted'))
  },
}))

const REST: readonly ContractCase[] = [
  {
    name: 'a neighbour is told and dumped',
    run: (bench) => {
      const netlink = bench.io.openNetlink()
      bench.setNeighbour('192.0.2.5', SOMEBODY_ELSE)
      const neighbour = awaitEvent(bench.io, netlink, (event) =>
        event.kind === 'neighbour' && formatAddress(event.neighbour.address) === '192.0.2.5'
          ? event.neighbour
          : undefined,
      )
      const { index, state, mac } = neighbour
      const expected = { index: bench.near.ifindex, state: 'permanent', mac: [...SOMEBODY_ELSE] }
      assert.deepEqual({ index, state, mac: mac && [...mac] }, expected)
      assert.ok(netlink.dumpNeighbours().some(({ address }) => formatAddress(address) === '192.0.2.5'))
    },
  },
  {
    name: 'a socket that asked for links hears of nothing else',
    run: (bench) => {
      const netlink = bench.io.openNetlink({ topics: ['link'] })
      bench.addAddress('192.0.2.78', 24)
      bench.setUp(false)
      const kinds = new Set<string>()
      const find = linkNews(bench)
      awaitEvent(bench.io, netlink, (event) => {
        kinds.add(event.kind)
        return find(event)
      })
      assert.deepEqual([...kinds], ['link'])
    },
  },
  {
    name: 'a socket that asked for nothing hears nothing and can still dump',
    run: (bench) => {
      const netlink = bench.io.openNetlink({ topics: [] })
      bench.setUp(false)
      assert.deepEqual(netlink.receive(), [])
      assert.equal(nearLink(bench, netlink)?.up, false)
    },
  },
]

export const NETLINK_CASES: readonly ContractCase[] = [...LINKS, ...ADDRESSES, ...REST]
