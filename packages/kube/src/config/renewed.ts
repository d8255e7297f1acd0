import type { Clock } from '@steelyard/runtime'
import type { Access, KubeCredentials } from './credentials.ts'

/** Files are read again after this time, long before the kubelet's token (ten minutes at least) runs out. */
const FRESH_MS = 10_000

/** Remembers what `read` gave for ten seconds, or until it is to be forgotten; shares one reading among all who wait. */
export function renewed(clock: Clock, read: () => Promise<Access>): Pick<KubeCredentials, 'access' | 'forget'> {
  const state: { access: Promise<Access> | undefined; until: number } = { access: undefined, until: 0 }
  return {
    access: async () => {
      if (state.access === undefined || clock.now() >= state.until) {
        state.until = clock.now() + FRESH_MS
        state.access = read()
      }
      const reading = state.access
      try {
        return await reading
      } catch (error) {
        if (state.access === reading) state.access = undefined
        throw error
      }
    },
    forget: () => void (state.access = undefined),
  }
}
