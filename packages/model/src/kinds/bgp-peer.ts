import { formatAddress } from '@steelyard/net'
import type { BfdProfile, BgpPeer, BgpPeerPolicy, Problem } from '../config.ts'
import { KINDS } from '../names.ts'
import { type Field, found, type Found, problemAt, problemsOf, refused } from '../reading/found.ts'
import { type Named, placeIn, readObject } from '../reading/objects.ts'
import { bgpPeerFields, type BgpPeerSpec } from './bgp-peer-fields.ts'
import { bgpPeerProblems } from './bgp-peer-rules.ts'
import { bgpTimers, type BgpTimers } from './bgp-timers.ts'

export type ReadBgpPeer = Named<BgpPeerSpec & { readonly timers: BgpTimers }>

const spec: Field<ReadBgpPeer['spec']> = (value, place) => {
  const read = bgpPeerFields(value, place)
  if (!read.ok) return read
  const timers = bgpTimers(read.value, place)
  const problems = [...bgpPeerProblems(read.value, place), ...problemsOf([timers])]
  return timers.ok && problems.length === 0 ? found({ ...read.value, timers: timers.value }) : refused(problems)
}

export function readBgpPeer(object: unknown): Found<ReadBgpPeer> {
  return readObject(KINDS.bgpPeer, object, spec)
}

/** What a peer refers to, looked up. */
export type PeerReferences = { readonly bfdProfile: BfdProfile | undefined; readonly password: string | undefined }

export function resolveBgpPeer(
  { name, spec: read }: ReadBgpPeer,
  references: PeerReferences,
  policy: BgpPeerPolicy,
): BgpPeer {
  const { localASN, sourceAddress, routerID, vrf, connectTime } = read
  const password = read.password ?? references.password
  return {
    name,
    myAsn: read.myASN,
    ...(localASN === undefined ? {} : { localAsn: localASN }),
    peerAsn: peerAsn(read),
    neighbour: neighbour(read),
    port: read.peerPort,
    ...(sourceAddress === undefined ? {} : { sourceAddress: formatAddress(sourceAddress) }),
    ...(routerID === undefined ? {} : { routerId: formatAddress(routerID) }),
    ...(vrf === undefined ? {} : { vrf }),
    ...(references.bfdProfile === undefined ? {} : { bfdProfile: references.bfdProfile }),
    ...read.timers,
    ...(connectTime === undefined ? {} : { connectMs: connectTime }),
    nodeSelectors: read.nodeSelectors,
    ...(password === undefined ? {} : { password }),
    gracefulRestart: read.enableGracefulRestart,
    ebgpMultiHop: read.ebgpMultiHop,
    dualStack: read.dualStackAddressFamily,
    policy,
  }
}

function peerAsn({ dynamicASN, peerASN }: BgpPeerSpec): BgpPeer['peerAsn'] {
  return dynamicASN === undefined ? { kind: 'number', asn: peerASN } : { kind: dynamicASN }
}

/** The rules have seen to it that one of the two is given. */
function neighbour({ peerAddress, interface: name = '' }: BgpPeerSpec): BgpPeer['neighbour'] {
  return peerAddress === undefined
    ? { kind: 'interface', interface: name }
    : { kind: 'address', address: formatAddress(peerAddress) }
}

/** What is accepted but deserves a word. */
export function bgpPeerWarnings(peer: ReadBgpPeer): Problem[] {
  const { disableMP, holdTime, keepaliveTime } = peer.spec
  const zeroTimers = 'found 0 with a keepaliveTime of 0: the session has neither hold timer nor keepalives'
  return [
    ...(disableMP ? [problemAt(placeIn(peer, 'disableMP'), 'found true, which is deprecated and has no effect')] : []),
    ...(holdTime === 0 && keepaliveTime === 0 ? [problemAt(placeIn(peer, 'holdTime'), zeroTimers)] : []),
  ]
}
