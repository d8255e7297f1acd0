import { formatAddress, formatPrefix } from '@steelyard/net'
import type { AsSegment, Attributes, Capability, Message } from '../message.ts'

type Shown<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: (value: Extract<T, { readonly kind: K }>) => string
}
const show = <T extends { readonly kind: string }>(rows: Shown<T>, value: T): string =>
  (rows[value.kind as T['kind']] as (value: T) => string)(value)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const CAPABILITIES: Shown<Capability> = {
  multiprotocol: ({ afi, safi }) => `mp(${afi}/${safi})`,
  routeRefresh: ({ kind }) => kind,
  enhancedRouteRefresh: ({ kind }) => kind,
  extendedMessage: ({ kind }) => kind,
  extendedNextHop: ({ entries }) =>
    `nextHop(${entries.map(({ afi, safi, nextHopAfi }) => `${afi}/${safi}/${nextHopAfi}`).join(' ')})`,
  gracefulRestart: ({ restarting, notification, restartSeconds, families }) => {
    const listed = families.map(({ afi, safi, forwarding }) => ` ${afi}/${safi}${forwarding ? 'F' : ''}`)
    return `restart(${restarting ? 'R' : ''}${notification ? 'N' : ''}${restartSeconds}${listed.join('')})`
  },
  fourOctetAsn: ({ asn }) => `as4(${asn})`,
  unknown: ({ code, value }) => `${code}(${hex(value)})`,
}
const MESSAGES: Shown<Message> = {
  open: ({ version, asn, holdSeconds, routerId, capabilities }) => {
    const offered = capabilities.map((capability) => show(CAPABILITIES, capability))
    return `open v${version} AS ${asn} hold ${holdSeconds} id ${routerId} ${offered.join(' ')}`
  },
  update: ({ withdrawn, attributes: of, reachable }) => {
    const [gone, come] = [withdrawn, reachable].map((prefixes) => `[${prefixes.map(formatPrefix).join(' ')}]`)
    return ['update', `-${gone}`, ...attributes(of), `+${come}`].join(' ')
  },
  notification: ({ code, subcode, data }) => `notification ${code}/${subcode} ${hex(data)}`,
  keepalive: ({ kind }) => kind,
  routeRefresh: ({ afi, safi, subtype }) => `routeRefresh ${afi}/${safi} ${subtype}`,
}

/** A message as one line, so that a table of tests can say what is expected of it. */
export const shown = (message: Message): string => show(MESSAGES, message)

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
