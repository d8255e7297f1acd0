import type { Labels } from '@steelyard/model'

/** What the operator told this speaker. */
export type SpeakerOptions = {
  /** The Node it runs on. */
  readonly node: string
  /** The product's own namespace. */
  readonly namespace: string
  /** Its own Pod; empty for a speaker run by hand. */
  readonly podName: string
  /** Empty = Services without a class. */
  readonly loadBalancerClass: string
  readonly ignoreExcludeLabel: boolean
  /** What marks the speakers' Pods; none = every known node is taken to be alive. */
  readonly speakerLabels: Labels
}
