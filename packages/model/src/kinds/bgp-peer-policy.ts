import type { BgpPeerPolicy, Problem } from '../config.ts'
import { KINDS } from '../names.ts'
import { durationFrom, parseDuration } from '../reading/duration.ts'
import { type Field, found, type Found, mismatch, obeying, problemAt, type ValueOf } from '../reading/found.ts'
import { type Named, placeIn, readObject } from '../reading/objects.ts'
import { flag, integer, nonEmptyText } from '../reading/scalars.ts'
import { fields, optional, optionalList, quoted, withDefault, withoutRepeats } from '../reading/structures.ts'

/** What is in effect for a peer that no object is for. The schema fills in the same. */
export const DEFAULT_PEER_POLICY: BgpPeerPolicy = {
  passive: false,
  listenPort: 179,
  gracefulShutdownMs: 1000,
  restartSeconds: 120,
}

const SECOND_MS = 1000
const DEFAULT_MEGABITS = 1000

/** RFC 4724 section 3 has a field of 12 bits for it. */
const MOST_RESTART_S = 4095

const restartTime: Field<number> = (value, place) => {
  const seconds = typeof value === 'string' ? (parseDuration(value) ?? 0) / SECOND_MS : 0
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= MOST_RESTART_S
    ? found(seconds)
    : mismatch(value, place, `whole seconds from 1s to ${MOST_RESTART_S}s`)
}

const weightedEcmp = fields({
  megabitsPerEndpoint: withDefault(integer(1, 1_000_000), DEFAULT_MEGABITS),
  minInterval: withDefault(durationFrom('100ms', '1h'), '1s'),
})

const policyFields = fields({
  peers: withoutRepeats(optionalList(nonEmptyText), quoted),
  passive: withDefault(flag, DEFAULT_PEER_POLICY.passive),
  listenPort: optional(integer(1, 65_535)),
  gracefulShutdown: withDefault(durationFrom('0s', '10m'), '1s'),
  gracefulRestart: withDefault(fields({ restartTime: withDefault(restartTime, '120s') }), {}),
  weightedECMP: optional(weightedEcmp),
  minimumTTL: optional(integer(1, 255)),
})

const spec = withDefault(
  obeying(policyFields, ({ passive, listenPort }, place) =>
    passive || listenPort === undefined
      ? []
      : [
          problemAt(
            { ...place, path: `${place.path}.listenPort` },
            `found ${listenPort} without passive, so that nothing listens; accepted: none, or passive: true`,
          ),
        ],
  ),
  {},
)

export type ReadBgpPeerPolicy = Named<ValueOf<typeof spec>>

export function readBgpPeerPolicy(object: unknown): Found<ReadBgpPeerPolicy> {
  return readObject(KINDS.bgpPeerPolicy, object, spec)
}

/** The policy of each peer by its name: the one that names it, else the one for all, else the defaults. */
export function peerPolicies(policies: readonly ReadBgpPeerPolicy[]): (peer: string) => BgpPeerPolicy {
  const named = new Map<string, BgpPeerPolicy>()
  let forAll = DEFAULT_PEER_POLICY
  for (const read of policies) {
    const policy = resolve(read)
    if (read.spec.peers.length === 0) forAll = policy
    for (const peer of read.spec.peers) named.set(peer, policy)
  }
  return (peer) => named.get(peer) ?? forAll
}

function resolve({ spec: read }: ReadBgpPeerPolicy): BgpPeerPolicy {
  const { weightedECMP: weighted, minimumTTL } = read
  return {
    passive: read.passive,
    listenPort: read.listenPort ?? DEFAULT_PEER_POLICY.listenPort,
    gracefulShutdownMs: read.gracefulShutdown,
    restartSeconds: read.gracefulRestart.restartTime,
    ...(weighted === undefined
      ? {}
      : {
          weightedEcmp: { megabitsPerEndpoint: weighted.megabitsPerEndpoint, minIntervalMs: weighted.minInterval },
        }),
    ...(minimumTTL === undefined ? {} : { minimumTtl: minimumTTL }),
  }
}

/** Of two policies for one peer neither may win by chance. */
export function policyProblems(policies: readonly ReadBgpPeerPolicy[]): Problem[] {
  const first = new Map<string, ReadBgpPeerPolicy>()
  return policies.flatMap((policy) => {
    const { peers } = policy.spec
    const subjects = peers.length === 0 ? ['all peers'] : peers.map((peer) => `${KINDS.bgpPeer} ${peer}`)
    return subjects.flatMap((subject, at) => {
      const earlier = first.get(subject)
      if (earlier === undefined) {
        first.set(subject, policy)
        return []
      }
      const place = peers.length === 0 ? placeIn(policy, 'peers') : placeIn(policy, 'peers', at)
      const message = `found a second policy for ${subject}, as in ${earlier.object}; accepted: one for each peer, and one for all others`
      return [problemAt(place, message)]
    })
  })
}
