import {
  ALL_NODES,
  ALL_ROUTERS,
  decodeRouterDiscovery,
  encodeRouterAdvertisement,
  encodeRouterSolicitation,
  ROUTER_DISCOVERY_TYPES,
} from '@steelyard/arp-lib'
import { addressBytes, formatAddress } from '@steelyard/net'
import { memoryHost } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addNic, address, mac, type MemoryLan, memoryLan, told } from './memory-lan.ts'
import type { LinkDesired } from './messages.ts'

const UNNUMBERED: LinkDesired = { addresses: [], excludeInterfaces: [], unnumbered: ['eth0'] }

type Router = {
  readonly advertise: () => void
  /** The kinds and sources of what has come since the last call. */
  readonly heard: () => string[]
}

/** Another host of the segment, which says what it is told to. */
function addRouter({ clock, segment }: MemoryLan, last: string): Router {
  const host = memoryHost({ clock })
  const nic = host.addInterface({ name: 'r0', mac: mac(last), segment })
  nic.addAddress({ address: address(`fe80::${last}`), prefixLength: 64, scope: 'link' })
  const socket = host.io.openGroups({ ifindex: nic.index, receiveTypes: ROUTER_DISCOVERY_TYPES })
  socket.join(addressBytes(ALL_ROUTERS))
  return {
    advertise: () => socket.send(ALL_NODES, encodeRouterAdvertisement(mac(last))),
    heard: () => {
      const texts: string[] = []
      for (let next = socket.receive(); next !== undefined; next = socket.receive()) {
        const found = decodeRouterDiscovery(next)
        texts.push(found.ok ? `${found.value.kind} ${formatAddress(found.value.source)}` : found.reason)
      }
      return texts
    },
  }
}

const SOLICITS = 'routerSolicitation fe80::1'
const ADVERTISES = 'routerAdvertisement fe80::1'
const times = (heard: readonly string[], what: string): number => heard.filter((text) => text === what).length
const neighbours = (lan: MemoryLan): string[][] =>
  told(lan, 'linkNeighbours').map((fact) => fact.neighbours.map((one) => `${one.interface} ${one.address}`))
const faults = (lan: MemoryLan): string[] => told(lan, 'fault').map(({ message }) => message)

describe('an unnumbered interface', () => {
  it('advertises quickly, then every ten seconds, and solicits as long as no router is known', () => {
    const lan = memoryLan()
    const router = addRouter(lan, '77')
    addNic(lan, 'eth0', '01')
    lan.desire(UNNUMBERED)
    lan.run(100)
    assert.deepEqual(router.heard().toSorted(), [ADVERTISES, SOLICITS])
    lan.run(8900)
    const early = router.heard()
    assert.deepEqual([times(early, ADVERTISES), times(early, SOLICITS)], [2, 2])
    lan.run(30_000)
    const later = router.heard()
    assert.deepEqual([times(later, ADVERTISES), times(later, SOLICITS)], [3, 3])
  })

  it('tells the router that it hears, and solicits no more', () => {
    const lan = memoryLan()
    const router = addRouter(lan, '77')
    addNic(lan, 'eth0', '01')
    lan.desire(UNNUMBERED)
    lan.run(100)
    router.advertise()
    lan.run(10)
    router.heard()
    assert.deepEqual(neighbours(lan), [['eth0 fe80::77']])
    router.advertise()
    lan.run(60_000)
    assert.equal(times(router.heard(), SOLICITS), 0)
    assert.equal(neighbours(lan).length, 1)
  })

  it('is one also when announcements exclude it, and no other interface is', () => {
    const lan = memoryLan()
    const router = addRouter(lan, '77')
    addNic(lan, 'eth0', '01')
    addNic(lan, 'eth1', '02')
    lan.desire({ ...UNNUMBERED, excludeInterfaces: ['^eth0$'] })
    lan.run(100)
    assert.deepEqual(router.heard().toSorted(), [ADVERTISES, SOLICITS])
    router.advertise()
    lan.run(10)
    assert.deepEqual(neighbours(lan), [['eth0 fe80::77']])
  })

  it('takes another router once the first does not answer any more', () => {
    const lan = memoryLan()
    const [first, second] = [addRouter(lan, '77'), addRouter(lan, '88')]
    addNic(lan, 'eth0', '01')
    lan.desire(UNNUMBERED)
    lan.run(100)
    first.advertise()
    lan.run(1000)
    second.heard()
    second.advertise()
    lan.run(8000)
    assert.deepEqual(neighbours(lan), [['eth0 fe80::77']])
    assert.ok(times(second.heard(), SOLICITS) >= 2, 'the first was not asked')
    lan.run(2000)
    assert.deepEqual(neighbours(lan).at(-1), ['eth0 fe80::88'])
    assert.deepEqual(faults(lan), [])
  })

  it('stays with the first of two routers that both answer, and says that there are two', () => {
    const lan = memoryLan()
    const [first, second] = [addRouter(lan, '77'), addRouter(lan, '88')]
    addNic(lan, 'eth0', '01')
    lan.desire(UNNUMBERED)
    for (let round = 0; round < 5; round++) {
      lan.run(3000)
      first.advertise()
      lan.run(3000)
      second.advertise()
    }
    assert.deepEqual(neighbours(lan), [['eth0 fe80::77']])
    assert.match(faults(lan).join(), /two routers on interface eth0, fe80::77 and fe80::88/)
  })

  it('answers a solicitation soon, but never twice within three seconds', () => {
    const lan = memoryLan()
    const router = addRouter(lan, '77')
    addNic(lan, 'eth0', '01')
    const asker = memoryLanAsker(lan)
    lan.desire(UNNUMBERED)
    lan.run(12_000)
    router.heard()
    asker()
    lan.run(600)
    assert.equal(times(router.heard(), ADVERTISES), 1)
    asker()
    lan.run(600)
    assert.equal(times(router.heard(), ADVERTISES), 0)
    lan.run(2400)
    assert.equal(times(router.heard(), ADVERTISES), 1)
  })

  it('forgets its router when it goes down or is not wanted, and finds it anew', () => {
    const lan = memoryLan()
    const router = addRouter(lan, '77')
    const eth0 = addNic(lan, 'eth0', '01')
    lan.desire(UNNUMBERED)
    lan.run(100)
    router.advertise()
    lan.run(10)
    eth0.change({ up: false })
    lan.run(10)
    assert.deepEqual(neighbours(lan).at(-1), [])
    router.heard()
    eth0.change({ up: true })
    lan.run(10)
    assert.ok(times(router.heard(), SOLICITS) > 0, 'nobody was asked')
    router.advertise()
    lan.run(10)
    assert.deepEqual(neighbours(lan).at(-1), ['eth0 fe80::77'])
    lan.desire({ ...UNNUMBERED, unnumbered: [] })
    lan.run(10)
    assert.deepEqual(neighbours(lan).at(-1), [])
    router.heard()
    lan.run(60_000)
    assert.deepEqual(router.heard(), [])
  })

  it('waits for a link-local address', () => {
    const lan = memoryLan()
    const router = addRouter(lan, '77')
    const eth0 = lan.host.addInterface({ name: 'eth0', mac: mac('01'), segment: lan.segment })
    lan.desire(UNNUMBERED)
    lan.run(5000)
    assert.deepEqual(router.heard(), [])
    eth0.addAddress({ address: address('fe80::1'), prefixLength: 64, scope: 'link' })
    lan.run(10)
    assert.deepEqual(router.heard().toSorted(), [ADVERTISES, SOLICITS])
  })
})

/** A host that asks for routers. */
function memoryLanAsker({ clock, segment }: MemoryLan): () => void {
  const host = memoryHost({ clock })
  const nic = host.addInterface({ name: 'h0', mac: mac('99'), segment })
  nic.addAddress({ address: address('fe80::99'), prefixLength: 64, scope: 'link' })
  const socket = host.io.openGroups({ ifindex: nic.index })
  return () => socket.send(ALL_ROUTERS, encodeRouterSolicitation(mac('99')))
}
