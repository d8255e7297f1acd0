import { lastOf, type MemberProcess } from '../../netns/link/member-process.ts'

const LOOK_MS = 5

export type Takeover = { readonly atMs: number; readonly from: string; readonly to: string }

/** An address that always has an owner: whoever tells that its owner is dead takes it, as the speakers' main threads would. */
export type Keeper = {
  readonly owner: () => MemberProcess
  readonly takeovers: readonly Takeover[]
  readonly stop: () => void
}

/** Begins with the first member. Who comes after an owner is the first by name that lives and has noticed. */
export function keepOwned(ip: string, members: readonly MemberProcess[]): Keeper {
  const [first] = members
  if (first === undefined) throw new Error('there is no member')
  const takeovers: Takeover[] = []
  const held = { owner: first, epoch: 1 }
  first.own(ip, held.epoch)
  const look = (): void => {
    const gone = held.owner
    const heir = members.find((each) => lastOf(each, 'own') === 'settled' && lastOf(each, gone.node) === 'dead')
    if (heir === undefined) return
    held.owner = heir
    heir.own(ip, ++held.epoch)
    takeovers.push({ atMs: Date.now(), from: gone.node, to: heir.node })
  }
  const timer = setInterval(look, LOOK_MS)
  return { owner: () => held.owner, takeovers, stop: () => clearInterval(timer) }
}
