import { ADDRESS_SCENARIOS } from './address-scenarios.ts'
import { BGP_SCENARIOS } from './bgp-scenarios.ts'
import { LAYER2_SCENARIOS } from './layer2-scenarios.ts'
import type { Scene } from './scene.ts'

/** One cause of "does not answer", and what `steelyard explain service shop/web` must name as the cause. */
export type Scenario = {
  /** Of the golden file. */
  readonly name: string
  readonly what: string
  readonly reason: string
  readonly says: RegExp
  /** It is announced all the same. */
  readonly answers?: true
  readonly scene: () => Scene
}

export const EXPLAIN_SCENARIOS: readonly Scenario[] = [...ADDRESS_SCENARIOS, ...LAYER2_SCENARIOS, ...BGP_SCENARIOS]
