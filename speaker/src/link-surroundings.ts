import { type Family, parseAddress } from '@steelyard/net'
import { nodesOfSpeakers, rosterOf } from './decide/roster.ts'
import type { LinkSurroundings } from './link-wish.ts'
import type { MembershipKey } from './membership-key.ts'
import type { SpeakerOptions } from './options.ts'
import type { Peers } from './peers.ts'
import { membershipConfig } from './policy.ts'
import type { Sources } from './sources.ts'

/** What the link worker needs beside what was reckoned, from where it is known. */
export function linkSurroundings(
  { options, cluster, excludeFile, policy, key, gateway }: Sources & { readonly options: SpeakerOptions },
  peers: Peers,
  bgpLinks: LinkSurroundings['bgpLinks'],
): LinkSurroundings {
  const state = { isKeyRead: false, speakers: new Set<string>() }
  void key.read.then(() => (state.isKeyRead = true))
  const { membership, node, speakerLabels } = options
  const speakerNodes = () =>
    nodesOfSpeakers(cluster.nodes.values(), cluster.pods.values(), speakerLabels, state.speakers)
  return {
    peers,
    bgpLinks,
    excludePatterns: excludeFile.patterns,
    schedule: () => {
      const { refreshIntervalMs, framesPerSecond } = policy.now().announcement
      return { refreshMs: refreshIntervalMs, framesPerSecond }
    },
    check: () => policy.now().duplicateAddress,
    membership: () => {
      // An empty roster would say that there are no others, and a speaker alone settles at once; and what it says
      // first must be sealed with its own key.
      if (membership === undefined || !cluster.nodes.has(node) || !state.isKeyRead) return undefined
      return {
        roster: rosterOf(speakerNodes(), node, familyOf(membership.bindAddress)),
        secrets: secretsOf(key),
        config: membershipConfig(policy.now(), membership.wan),
        gateway: gateway.now(),
      }
    },
  }
}

/** The one that seals first, then the others that are accepted. */
function secretsOf(key: MembershipKey): readonly Uint8Array[] {
  const { sealing, accepted } = key.keys()
  return [sealing, ...accepted.filter((secret) => secret !== sealing)]
}

function familyOf(address: string): Family {
  return parseAddress(address)?.family ?? 4
}
