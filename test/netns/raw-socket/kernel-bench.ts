import { formatAddress, formatMac, parseAddress } from '@steelyard/net'
import { type ContractBench, type ContractEnd, kernelIo, type Link } from '@steelyard/raw-socket'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** A bench of the contract on the kernel, in the namespace that this process runs in. Its cable goes with `close`. */
export type KernelBench = ContractBench & { readonly close: () => void }

const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' })

export function kernelBench(): KernelBench {
  // Duplicate address detection takes seconds, and nobody else is here.
  for (const scope of ['all', 'default']) writeFileSync(`/proc/sys/net/ipv6/conf/${scope}/accept_dad`, '0')
  ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far')
  for (const name of ['near', 'far']) ip('link', 'set', name, 'up')
  const io = kernelIo()
  const [near, far] = awaitRunning()
  return {
    io,
    near,
    far,
    setUp: (up) => {
      ip('link', 'set', 'near', up ? 'up' : 'down')
      if (up) awaitRunning()
    },
    addAddress: (address, prefixLength) => {
      const usableAtOnce = address.includes(':') ? ['nodad'] : []
      ip('address', 'add', `${address}/${prefixLength}`, 'dev', 'near', ...usableAtOnce)
    },
    removeAddress: (address, prefixLength) => void ip('address', 'del', `${address}/${prefixLength}`, 'dev', 'near'),
    setNeighbour: (address, mac) => {
      ip('neighbour', 'replace', address, 'lladdr', formatMac(mac), 'dev', 'near', 'nud', 'permanent')
    },
    remove: () => void ip('link', 'del', 'near'),
    groups: () => groupsOf('near'),
    openDescriptors: () => readdirSync('/proc/self/fd').length,
    close: () => {
      if (findLink('near') !== undefined) ip('link', 'del', 'near')
    },
  }
}

function findLink(name: string): Link | undefined {
  const netlink = kernelIo().openNetlink()
  const link = netlink.dumpLinks().find((each) => each.name === name)
  netlink.close()
  return link
}

/** The kernel looks at carriers in a thread of its own, up to a second later. */
function awaitRunning(): [ContractEnd, ContractEnd] {
  const netlink = kernelIo().openNetlink({ topics: ['link', 'address'] })
  try {
    for (let polls = 0; polls < 250; polls++) {
      const [near, far] = ['near', 'far'].map((name) => netlink.dumpLinks().find((link) => link.name === name))
      const addressed = new Set(netlink.dumpAddresses().flatMap(({ index, tentative }) => (tentative ? [] : [index])))
      if (isReady(near, addressed) && isReady(far, addressed)) return [endOf(near), endOf(far)]
      kernelIo().poll([], 20)
    }
    throw new Error('the cable did not come up in five seconds')
  } finally {
    netlink.close()
  }
}

function isReady(link: Link | undefined, addressed: ReadonlySet<number>): link is Link {
  return link !== undefined && link.running && addressed.has(link.index)
}

function endOf({ index, name, mac }: Link): ContractEnd {
  return { ifindex: index, name, mac }
}

/** The kernel's own list: index, name, group as 32 digits, users, flags, timer. */
function groupsOf(name: string): string[] {
  const rows = readFileSync('/proc/net/igmp6', 'utf8').split('\n')
  return rows.flatMap((row) => {
    const [, owner, digits = ''] = row.split(/\s+/)
    if (owner !== name) return []
    const address = parseAddress((digits.match(/.{4}/g) ?? []).join(':'))
    return address === undefined ? [] : [formatAddress(address)]
  })
}
