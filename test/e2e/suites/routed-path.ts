import { communityText } from '../../routers/communities.ts'
import { type FrrPrefix, frrName, frrValues } from '../../routers/frr-output.ts'
import { listOf } from '../../routers/absent.ts'
import type { LabRouter } from '../../lab/routing/router.ts'

const GRACEFUL_SHUTDOWN = '65535:0'
const LOOK_EVERY_MS = 10

/** How a router knows of a prefix from one neighbour: as going (RFC 8326), as of one that restarts (RFC 4724), not at all. */
export type PathState = 'plain' | 'going' | 'stale' | 'none'
export type PathWatch = {
  /** What it has been so far, each change once. */
  readonly seen: readonly PathState[]
  readonly stop: () => Promise<readonly PathState[]>
}

/** Looks every 10 ms. */
export async function watchPath(router: LabRouter, prefix: string, neighbour: string): Promise<PathWatch> {
  const console = await router.console()
  const family = prefix.includes(':') ? 'ipv6' : 'ipv4'
  const seen: PathState[] = []
  const watching = { goesOn: true }
  const look = async (): Promise<void> => {
    const [shown] = frrValues(await console.ask(`show bgp ${family} unicast ${prefix} json`)) as [FrrPrefix?]
    const state = stateOf(shown, neighbour)
    if (seen.at(-1) !== state) seen.push(state)
  }
  await look()
  const loop = (async () => {
    while (watching.goesOn) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  })()
  return {
    seen,
    stop: async () => {
      watching.goesOn = false
      await loop.finally(console.close)
      return seen
    },
  }
}

function stateOf(shown: FrrPrefix | undefined, neighbour: string): PathState {
  const path = listOf(shown?.paths).find(({ peer }) => peer?.peerId === neighbour)
  if (path === undefined) return 'none'
  if (path.stale === true) return 'stale'
  const communities = listOf(path.community?.list).map((community) => communityText(frrName(community)))
  return communities.includes(GRACEFUL_SHUTDOWN) ? 'going' : 'plain'
}
