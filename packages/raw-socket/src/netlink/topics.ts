import { nameOf } from '../checks.ts'
import type { NetlinkTopic } from '../link-io.ts'

const TOPICS: readonly NetlinkTopic[] = ['link', 'address', 'neighbour']

/** @throws TypeError, RangeError; left out, all of them. */
export function checkTopics(topics: unknown = TOPICS): readonly NetlinkTopic[] {
  if (!Array.isArray(topics)) throw new TypeError(`topics must be an array, not ${nameOf(topics)}`)
  return topics.map((given: unknown, at) => {
    const topic = TOPICS.find((known) => known === given)
    if (topic === undefined) throw new RangeError(`topics[${at}] must be one of ${TOPICS.join(', ')}`)
    return topic
  })
}
