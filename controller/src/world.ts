import type { Api, EventRecorder } from '@steelyard/kube'
import type { Timings } from '@steelyard/metrics'
import type { Logger } from '@steelyard/program'
import type { Clock, Random, TimeOfDay } from '@steelyard/runtime'

/** All that the controller reaches outside of itself. */
export type World = {
  /** Refuses writes while another replica is the active one. */
  readonly api: Api
  readonly events: Pick<EventRecorder, 'tell'>
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly random: Random
  readonly log: Logger
  /** How long passes took. */
  readonly timings: Timings<PassName>
}

/** What a pass is about: the whole configuration, or one Service. */
export type PassName = 'configuration' | 'service'

/** For what takes no times. */
export type PlainWorld = Omit<World, 'timings'>
