import type { BfdProfile } from '../config.ts'
import type { PeerReferences, ReadBgpPeer } from '../kinds/bgp-peer.ts'
import type { Secret } from '../kubernetes.ts'
import { found, type Found, problemAt, problemsOf, refused, shown } from '../reading/found.ts'
import { placeIn } from '../reading/objects.ts'
import { isRecord } from '../reading/structures.ts'

const SECRET_TYPE = 'kubernetes.io/basic-auth'
const PASSWORD_KEY = 'password'

type Known = {
  readonly bfdProfiles: ReadonlyMap<string, BfdProfile>
  readonly secrets: ReadonlyMap<string, Secret>
}

/** Looks up what a peer refers to. A missing one is a problem that heals when the object appears. */
export function lookUpReferences(peer: ReadBgpPeer, known: Known): Found<PeerReferences> {
  const bfdProfile = lookUpProfile(peer, known.bfdProfiles)
  const password = lookUpPassword(peer, known.secrets)
  if (!bfdProfile.ok || !password.ok) return refused(problemsOf([bfdProfile, password]))
  return found({ bfdProfile: bfdProfile.value, password: password.value })
}

function lookUpProfile(peer: ReadBgpPeer, profiles: Known['bfdProfiles']): Found<BfdProfile | undefined> {
  const { bfdProfile: name } = peer.spec
  if (name === undefined) return found(undefined)
  const profile = profiles.get(name)
  if (profile !== undefined) return found(profile)
  const message = `found "${name}"; accepted: the name of a BFDProfile that exists`
  return refused([problemAt(placeIn(peer, 'bfdProfile'), message)])
}

/** Its namespace does not count: only the product's own is read. Messages show nothing of what the Secret holds. */
function lookUpPassword(peer: ReadBgpPeer, secrets: Known['secrets']): Found<string | undefined> {
  const { name } = peer.spec.passwordSecret
  if (name === undefined) return found(undefined)
  const refuse = (what: string): Found<never> =>
    refused([
      problemAt(
        placeIn(peer, 'passwordSecret', 'name'),
        `found "${name}", ${what}; accepted: a Secret of type ${SECRET_TYPE} with the key "${PASSWORD_KEY}"`,
      ),
    ])
  const secret = secrets.get(name)
  if (secret === undefined) return refuse('but there is no such Secret in the namespace of the peer')
  if (secret.type !== SECRET_TYPE) return refuse(`a Secret of type ${shown(secret.type)}`)
  const password = passwordOf(secret)
  return password === undefined
    ? refuse(`a Secret without a "${PASSWORD_KEY}" that is text and not empty`)
    : found(password)
}

/** @returns undefined when there is none, when it is empty (that would be no protection) or not UTF-8. */
function passwordOf({ data }: Secret): string | undefined {
  const encoded: unknown = isRecord(data) && Object.hasOwn(data, PASSWORD_KEY) ? data[PASSWORD_KEY] : undefined
  if (typeof encoded !== 'string') return undefined
  const bytes = Buffer.from(encoded, 'base64')
  const text = bytes.toString('utf8')
  return text !== '' && Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}
