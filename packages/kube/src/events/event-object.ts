import type { KubeObject } from '@steelyard/model'
import type { Random } from '@steelyard/runtime'
import type { KubeEvent, ObjectReference } from '../objects.ts'
import type { Entry } from './event-book.ts'

/** The API server refuses longer messages in the newer Event kind, and shows them nowhere in full. */
const LONGEST_MESSAGE = 1024
/** Of a name: RFC 1123 subdomain. */
const LONGEST_NAME = 253
const SUFFIX_DIGITS = 16

export function referenceTo({ apiVersion, kind, metadata }: KubeObject): ObjectReference {
  const { name, namespace, uid } = metadata
  return {
    apiVersion,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  }
}

/** The object's name and 64 random bits: Events of other components and of former lives have other names. */
export function eventName(about: string, random: Random): string {
  const part = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(SUFFIX_DIGITS / 2, '0')
  return `${about.slice(0, LONGEST_NAME - SUFFIX_DIGITS - 1)}.${part()}${part()}`
}

/** The Event as it is created. Objects without a namespace have theirs in `default`. */
export function eventOf(
  entry: Entry,
  name: string,
  source: { readonly component: string; readonly host?: string },
): KubeEvent {
  const { about, type, reason, message, count, firstAt, lastAt } = entry
  const { component, host } = source
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: about.namespace ?? 'default' },
    involvedObject: about,
    type,
    reason,
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE - 1)}…` : message,
    count,
    firstTimestamp: firstAt.toISOString(),
    lastTimestamp: lastAt.toISOString(),
    source: { component, ...(host === undefined ? {} : { host }) },
    reportingComponent: component,
    ...(host === undefined ? {} : { reportingInstance: host }),
  }
}
