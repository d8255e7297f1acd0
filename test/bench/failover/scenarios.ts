import { rollOutSpeakers } from '../../lab/install.ts'
import type { Stage } from './stage.ts'

/** Something that happens to the node that owns the address, and how it is put right. */
export type Scenario = {
  readonly name: string
  readonly what: string
  /** Whether nodes have a second interface, on whose LAN all this is seen. */
  readonly secondLan?: boolean
  /** Whether a user on the owner's side of the network is watched too. */
  readonly twoSides?: boolean
  /** The SpeakerPolicy in force; the defaults unless told. */
  readonly policy?: object
  /** Resolves when it has happened. */
  readonly hit: (stage: Stage, owner: string) => Promise<void>
  /** Whether another node is to take the address; how long one waits for that at most. */
  readonly movesWithinMs?: number
  readonly mend?: (stage: Stage, owner: string) => Promise<void>
}

/** Longer than Kubernetes takes in the lab to call a node lost. */
const PATIENCE_MS = 20_000
/** Where nothing but the speakers could notice. */
const SHORT_PATIENCE_MS = 8000

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'link-cut',
    what: "the owner's cable is cut",
    hit: ({ lab }, owner) => lab.faults.cutLink(owner),
    movesWithinMs: PATIENCE_MS,
    mend: ({ lab }, owner) => lab.faults.restoreLink(owner),
  },
  {
    name: 'node-frozen',
    what: 'the owner stands still, as a paused virtual machine',
    hit: ({ lab }, owner) => lab.faults.freezeNode(owner),
    movesWithinMs: PATIENCE_MS,
    mend: ({ lab }, owner) => lab.faults.thawNode(owner),
  },
  {
    name: 'speaker-killed',
    what: "the owner's speaker is killed and stays down",
    hit: async ({ lab }, owner) => lab.programs.kill(lab.programs.speakerOn(owner), { restart: false }),
    movesWithinMs: PATIENCE_MS,
    mend: async ({ lab }, owner) => lab.programs.restart(lab.programs.speakerOn(owner)),
  },
  {
    name: 'speaker-stopped',
    what: "the owner's speaker is stopped in order",
    hit: ({ lab }, owner) => lab.programs.stop(lab.programs.speakerOn(owner), { restart: false }),
    movesWithinMs: PATIENCE_MS,
    mend: async ({ lab }, owner) => lab.programs.restart(lab.programs.speakerOn(owner)),
  },
  {
    name: 'rolling-restart',
    what: 'kubectl rollout restart of all speakers',
    hit: ({ lab }) => rollOutSpeakers(lab),
  },
  {
    name: 'nic-down',
    what: "one of the owner's two interfaces loses its carrier; the client is on that LAN",
    secondLan: true,
    hit: ({ lab }, owner) => lab.faults.cutLink(owner, 'second'),
    movesWithinMs: SHORT_PATIENCE_MS,
    mend: ({ lab }, owner) => lab.faults.restoreLink(owner, 'second'),
  },
  {
    name: 'maintenance',
    what: 'the owner is taken out of service by annotation, and put back',
    hit: ({ lab }, owner) => lab.faults.startMaintenance(owner),
    movesWithinMs: SHORT_PATIENCE_MS,
    mend: ({ lab }, owner) => lab.faults.endMaintenance(owner),
  },
  partition({
    name: 'partition',
    what: 'the network falls in two, the owner with a neighbour on one side, the client on the other',
  }),
  partition({
    name: 'partition-fenced',
    what: 'the same, where the lesser half is to fall silent',
    policy: { partition: 'fenced' },
  }),
]

function partition(about: Pick<Scenario, 'name' | 'what' | 'policy'>): Scenario {
  return {
    ...about,
    twoSides: true,
    hit: ({ lab, client, asker, neighbour }, owner) => {
      const others = lab.nodes.map(({ name }) => name).filter((name) => name !== owner)
      return lab.faults.partition([owner, neighbour.name], [...others, client.name, asker.name])
    },
    movesWithinMs: SHORT_PATIENCE_MS,
    mend: ({ lab }) => lab.faults.healPartition(),
  }
}
