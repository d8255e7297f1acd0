import { isLinkLocal } from '@steelyard/arp-lib'
import { type Address, formatAddress, type Mac } from '@steelyard/net'

/** What the link core wants to know of an interface. */
export type KernelLink = {
  readonly index: number
  readonly name: string
  readonly mac: Mac
  readonly up: boolean
  readonly running: boolean
  readonly broadcast: boolean
  readonly noArp: boolean
  readonly loopback: boolean
  readonly masterIndex?: number
}

export type KernelAddress = {
  readonly index: number
  readonly address: Address
  readonly tentative: boolean
  /** Left out: not known. */
  readonly prefixLength?: number
}

export type KernelEvent =
  | { readonly kind: 'link'; readonly change: 'new' | 'deleted'; readonly link: KernelLink; readonly moved?: true }
  | { readonly kind: 'address'; readonly change: 'new' | 'deleted'; readonly address: KernelAddress }

/** The interfaces as last heard; their addresses that are not tentative, by their text, and which of them are IPv6 link-local. */
export type KernelView = {
  readonly links: Map<number, KernelLink>
  readonly linkLocals: Map<number, Set<string>>
  readonly addresses: Map<number, Map<string, KernelAddress>>
}

export function kernelView(links: readonly KernelLink[], addresses: readonly KernelAddress[]): KernelView {
  const known = new Map(links.map((link) => [link.index, link]))
  const view: KernelView = { links: known, linkLocals: new Map(), addresses: new Map() }
  for (const address of addresses) noteAddress(view, address)
  return view
}

export function noteEvent(view: KernelView, event: KernelEvent): void {
  if (event.kind === 'address') {
    if (event.change === 'new') noteAddress(view, event.address)
    else forgetAddress(view, event.address)
  } else if (event.change === 'new') {
    view.links.set(event.link.index, event.link)
  } else {
    view.links.delete(event.link.index)
    view.linkLocals.delete(event.link.index)
    view.addresses.delete(event.link.index)
  }
}

/** The interfaces that were not running at some time among these events, whatever they are at their end. */
export function silencedBy(events: readonly KernelEvent[]): ReadonlySet<number> {
  const silenced = new Set<number>()
  for (const event of events) {
    if (event.kind !== 'link') continue
    const { index, up, running } = event.link
    if (event.change === 'deleted' || !up || !running) silenced.add(index)
  }
  return silenced
}

/**
 * The interfaces that came to hang at another place of the network during these events, and those above them: a bridge hangs where
 * its bond does. VLANs and macvlans are told of by the kernel itself.
 */
export function movedBy(events: readonly KernelEvent[], { links }: KernelView): ReadonlySet<number> {
  const moved = new Set<number>()
  for (const event of events) {
    if (event.kind !== 'link' || event.moved !== true) continue
    let index: number | undefined = event.link.index
    while (index !== undefined && !moved.has(index)) {
      moved.add(index)
      index = links.get(index)?.masterIndex
    }
  }
  return moved
}

/** One that turns tentative, or is found to be a duplicate, does not count: IPv6 is off there (RFC 4862 section 5.4.5). */
function noteAddress(view: KernelView, found: KernelAddress): void {
  if (found.tentative) return forgetAddress(view, found)
  const own = view.addresses.get(found.index) ?? new Map<string, KernelAddress>()
  view.addresses.set(found.index, own.set(formatAddress(found.address), found))
  if (!isLinkLocal(found.address)) return
  const known = view.linkLocals.get(found.index) ?? new Set<string>()
  known.add(formatAddress(found.address))
  view.linkLocals.set(found.index, known)
}

function forgetAddress({ linkLocals, addresses }: KernelView, { index, address }: KernelAddress): void {
  addresses.get(index)?.delete(formatAddress(address))
  linkLocals.get(index)?.delete(formatAddress(address))
}

export function hasLinkLocal({ linkLocals }: KernelView, index: number): boolean {
  return (linkLocals.get(index)?.size ?? 0) > 0
}
