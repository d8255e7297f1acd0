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
  /** Undefined = membership is off: every known node is taken to be alive. */
  readonly membership: MembershipOptions | undefined
}

/** How this speaker reaches the others. */
export type MembershipOptions = {
  /** The node's own address; its family is the one that membership speaks. */
  readonly bindAddress: string
  readonly port: number
  /** The folder of the file `secretkey`; empty = there is none, and membership is not authenticated. */
  readonly secretKeyPath: string
  /** Slower, for long distances. */
  readonly wan: boolean
}
