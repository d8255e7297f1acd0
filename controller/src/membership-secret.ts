import { ApiError, isTaken, SECRETS } from '@steelyard/kube'
import type { OwnerReference } from '@steelyard/model'
import { keyedQueue } from '@steelyard/runtime'
import type { World } from './world.ts'

/** Sees to it that speakers have a secret to seal their membership with. */
export type MembershipSecret = { readonly stop: () => Promise<void> }

export type MembershipSecretOptions = {
  readonly namespace: string
  readonly name: string
  /** The Secret goes when the product is removed. */
  readonly owner: OwnerReference
  /** A new secret: text that nobody can guess. */
  readonly newSecret: () => string
}

/** The file name under which speakers find it. */
const KEY = 'secretkey'
const WRITE_BACKOFF = { firstMs: 200, maxMs: 10_000 }

/**
 * Creates the Secret unless there is one. It asks by trying: so the right to create is enough, and the controller can
 * read no Secret at all. One that exists is left alone, whatever is in it.
 */
export function membershipSecret(world: World, options: MembershipSecretOptions): MembershipSecret {
  const { clock, random, log } = world
  const writes = keyedQueue<string>({
    handle: () => create(world, options),
    onFailure: (_, error, retryInMs) => {
      if (!(error instanceof ApiError)) throw error
      log.warn('the membership Secret could not be created: trying again', { error, retryInMs })
    },
    concurrency: 1,
    backoff: WRITE_BACKOFF,
    clock,
    random,
  })
  writes.add(options.name)
  return { stop: writes.stop }
}

async function create({ api, log }: World, options: MembershipSecretOptions): Promise<void> {
  const { namespace, name, owner, newSecret } = options
  try {
    await api.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name, ownerReferences: [owner] },
      type: 'Opaque',
      // `data` is base64 of the bytes, and the bytes are a text in base64: what other tools expect to find there.
      data: { [KEY]: Buffer.from(newSecret()).toString('base64') },
    })
    log.info(`created the membership Secret ${namespace}/${name}`)
  } catch (error) {
    if (!isTaken(error)) throw error
    log.debug(`the membership Secret ${namespace}/${name} exists`)
  }
}
