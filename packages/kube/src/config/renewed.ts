import type { Clock } from '@steelyard/runtime'
import type { Access, KubeCredentials } from './credentials.ts'

/** Files are read again after this time, long before the kubelet's token (ten minutes at least) runs out. */
const FRESH_MS = 10_000

type State = { access: Promise<Access> | undefined; until: number; refused: boolean }

/**
 * Remembers what `read` gave for ten seconds, or until it is to be forgotten; shares one reading among all
 * who wait. `read` is told whether the server refused what it gave before.
 */
export function renewed(
  clock: Clock,
  read: (refused: boolean) => Promise<Access>,
): Pick<KubeCredentials, 'access' | 'forget'> {
  const state: State = { access: undefined, until: 0, refused: false }
  return {
    access: async () => {
      if (state.access === undefined || clock.now() >= state.until) {
        state.until = clock.now() + FRESH_MS
        state.access = read(state.refused)
        state.refused = false
      }
      const reading = state.access
      try {
        return await reading
      } catch (error) {
        if (state.access === reading) state.access = undefined
        throw error
      }
    },
    forget: () => {
      state.access = undefined
      state.refused = true
    },
  }
}
