import type { ReconcilePorts } from './reconcile.ts'

type Writers = Pick<ReconcilePorts, 'statuses' | 'state' | 'events'>

export type ListedOnlyOptions = Writers & {
  readonly isListed: () => boolean
  /** The Services about which there are ServiceL2Statuses. */
  readonly known: () => Iterable<string>
}

/**
 * What a pass tells the API, held back while it decides from the stored state: nothing is written or deleted on the
 * ground of that alone. The first pass over what the API itself has listed lets all of it through, and has every
 * Service looked at. Events of before are not told: nothing was assigned anew then.
 */
export function listedOnly({ statuses, state, events, isListed, known }: ListedOnlyOptions): Writers {
  const held = { isHolding: false }
  return {
    statuses: {
      want: (announced, changed) => {
        if (!isListed()) held.isHolding = true
        else if (!held.isHolding) statuses.want(announced, changed)
        else {
          held.isHolding = false
          statuses.want(announced, new Set([...changed, ...announced.keys(), ...known()]))
        }
      },
    },
    state: { want: (wish) => isListed() && state.want(wish) },
    events: { tell: (...about) => isListed() && events.tell(...about) },
  }
}
