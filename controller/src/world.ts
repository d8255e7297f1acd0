import type { Api, EventRecorder } from '@steelyard/kube'
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
}
