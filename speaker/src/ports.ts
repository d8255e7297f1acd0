import type { Api } from '@steelyard/kube'
import type { Logger } from '@steelyard/program'
import type { Clock, Random, TimeOfDay } from '@steelyard/runtime'
import type { BgpPort } from './bgp/ports.ts'
import type { StateFiles } from './state-files.ts'
import type { LinkDesired, LinkFact } from './link/messages.ts'

/** The link worker as the main thread needs it; `startLink` is the real one. */
export type LinkPort = {
  readonly set: (desired: LinkDesired) => void
  readonly onFact: (listener: (fact: LinkFact) => void) => void
  readonly stop: () => Promise<void>
}

/** The world outside a speaker, joined in `main.ts`. */
export type SpeakerPorts = {
  readonly api: Api
  readonly link: LinkPort
  readonly bgp: BgpPort
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly random: Random
  readonly log: Logger
  /** The text of a file; undefined when there is none. */
  readonly readText: (path: string) => Promise<string | undefined>
  /** Where state is kept for the next start; none unless given. */
  readonly stateFiles?: StateFiles | undefined
}
