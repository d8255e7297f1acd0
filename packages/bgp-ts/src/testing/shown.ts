import { formatAddress, formatPrefix } from '@steelyard/net'
import type { AsSegment, Attributes, Capability, Message } from '../message.ts'

/** A message as one line, so that a table of tests can say what is expected of it. */
export function shown(message: Message): string {
  switch (message.kind) {
    case 'open':
      return `open v${message.version} AS ${message.asn} hold ${message.holdSeconds} id ${message.routerId} ${message.capabilities.map(capability).join(' ')}`
    case 'update':
      return ['update', `-[${message.withdrawn.map(formatPrefix).join(' ')}]`, ...attributes(message.attributes)]
        .concat(`+[${message.reachable.map(formatPrefix).join(' ')}]`)
        .join(' ')
    case 'notification':
      return `notification ${message.code}/${message.subcode} ${Buffer.from(message.data).toString('hex')}`
    case 'keepalive':
      return 'keepalive'
    case 'routeRefresh':
      return `routeRefresh ${message.afi}/${message.safi} ${message.subtype}`
  }
}

function capability(offered: Capability): string {
  switch (offered.kind) {
    case 'multiprotocol':
      return `mp(${offered.afi}/${offered.safi})`
    case 'extendedNextHop':
      return `nextHop(${offered.entries.map(({ afi, safi, nextHopAfi }) => `${afi}/${safi}/${nextHopAfi}`).join(' ')})`
    case 'gracefulRestart': {
      const flags = `${offered.restarting ? 'R' : ''}${offered.notification ? 'N' : ''}`
      const families = offered.families.map(({ afi, safi, forwarding }) => ` ${afi}/${safi}${forwarding ? 'F' : ''}`)
      return `restart(${flags}${offered.restartSeconds}${families.join('')})`
    }
    case 'fourOctetAsn':
      return `as4(${offered.asn})`
    case 'unknown':
      return `${offered.code}(${Buffer.from(offered.value).toString('hex')})`
    case 'routeRefresh':
    case 'enhancedRouteRefresh':
    case 'extendedMessage':
      return offered.kind
  }
}

function attributes(of: Attributes): string[] {
  const { mpReach, mpUnreach } = of
  return [
    ...(mpReach === undefined
      ? []
      : [
          `reach${mpReach.family}(${[mpReach.nextHop, mpReach.linkLocal].flatMap((hop) => (hop === undefined ? [] : formatAddress(hop))).join(' ')}: ${mpReach.reachable.map(formatPrefix).join(' ')})`,
        ]),
    ...(mpUnreach === undefined
      ? []
      : [`unreach${mpUnreach.family}(${mpUnreach.withdrawn.map(formatPrefix).join(' ')})`]),
    ...named('origin', of.origin),
    ...named('path', of.asPath?.map(segment).join(' ')),
    ...named('via', of.nextHop && formatAddress(of.nextHop)),
    ...named('med', of.med),
    ...named('pref', of.localPref),
    ...named('communities', of.communities?.map((value) => `${Math.floor(value / 65536)}:${value % 65536}`).join(' ')),
    ...named('extended', of.extendedCommunities?.map((value) => Buffer.from(value).toString('hex')).join(' ')),
    ...named('path4', of.as4Path?.map(segment).join(' ')),
    ...named('large', of.largeCommunities?.map((value) => value.join(':')).join(' ')),
  ]
}

const named = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`${name}(${value})`]
const segment = ({ kind, asns }: AsSegment): string =>
  kind === 'sequence' ? asns.join(' ') : `${kind}{${asns.join(' ')}}`
