import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileSpeaker, type KubeObject, readSpeakerPolicy, type SpeakerObjects } from '@steelyard/model'
import { type Kind, KINDS, nameOf, objectOf } from './e2e/crd-examples/example.ts'
import { RULES } from './e2e/crd-examples/rules.ts'
import { BOUNDS, MISFITS } from './e2e/crd-examples/schema.ts'

/** The programs enforce everything that the CRDs do: an object may have come past them. */

const NOTHING: SpeakerObjects = {
  pools: [],
  communities: [],
  namespaces: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  bgpPeers: [],
  bfdProfiles: [],
  bgpPeerPolicies: [],
  secrets: [],
}

const LISTED: Readonly<Record<string, keyof SpeakerObjects>> = {
  [KINDS.pool.kind]: 'pools',
  [KINDS.l2.kind]: 'l2Advertisements',
  [KINDS.bgp.kind]: 'bgpAdvertisements',
  [KINDS.peer.kind]: 'bgpPeers',
  [KINDS.bfd.kind]: 'bfdProfiles',
  [KINDS.community.kind]: 'communities',
  [KINDS.peerPolicy.kind]: 'bgpPeerPolicies',
}

function judge(kind: Kind, spec: unknown, name = nameOf(kind, 'example')): { readonly ok: boolean } {
  const object = objectOf(kind, name, { spec }) as KubeObject
  if (kind === KINDS.policy) return readSpeakerPolicy(object)
  const list = LISTED[kind.kind]
  assert.ok(list !== undefined)
  return compileSpeaker({ ...NOTHING, [list]: [object] }, { name: 'n1', labels: { a: 'b', zone: 'a', disk: 'ssd' } })
}

describe('what the CRDs refuse, the programs refuse; what they take, the programs take', () => {
  for (const { kind, rules } of RULES) {
    for (const { rule, refused, refusedName, accepted, acceptedNeedsOthers } of rules) {
      it(`${kind.kind} ${kind.version}: ${rule}`, () => {
        assert.equal(judge(kind, refused, refusedName).ok, false)
        assert.equal(judge(kind, accepted).ok, acceptedNeedsOthers === undefined)
      })
    }
  }

  for (const { kind, field, least, most, put } of BOUNDS) {
    it(`${kind.kind} ${kind.version}: ${field} from ${least} to ${most}`, () => {
      const taken = [least, most, ...(mayBeZero(field) ? [0] : [])]
      for (const value of taken) assert.ok(judge(kind, put(value)).ok, `${value}`)
      const refused = [least - 1, most + 1].filter((value) => !taken.includes(value))
      for (const value of refused) assert.equal(judge(kind, put(value)).ok, false, `${value}`)
    })
  }

  for (const { what, kind, refused } of MISFITS.filter((misfit) => misfit.kind !== KINDS.oldPeer)) {
    it(`${kind.kind}: ${what}`, () => assert.equal(judge(kind, refused.spec).ok, false))
  }
})

/** v1beta1 takes a port of 0 for the default one, and the programs read what it stored as v1beta2. */
function mayBeZero(field: string): boolean {
  return field === 'spec.peerPort'
}
