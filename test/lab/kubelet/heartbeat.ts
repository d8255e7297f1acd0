import { setTimeout as pause } from 'node:timers/promises'
import { dial, DialError, type Target } from '../dial.ts'

export type Heartbeats = {
  /** False while a kubelet on that node could not reach the API server. */
  readonly isReachable: (node: string) => boolean
  /** True once the node has been out of reach for the grace time. */
  readonly isLost: (node: string) => boolean
  readonly stop: () => Promise<void>
}

export type HeartbeatOptions = {
  readonly nodes: readonly { readonly name: string; readonly agentSocket: string }[]
  readonly apiServer: Target
  /** How long a node may be out of reach before it counts as lost; a real cluster waits 40 to 50 s. */
  readonly graceMs: number
  readonly onChange: (node: string) => void
}

type Pulse = { heardAt: number; reachable: boolean; lost: boolean }

const BEAT_MS = 500

/** What kubelets' heartbeats and the node lifecycle controller do between them, without a write to the API while all is well. */
export function startHeartbeats(options: HeartbeatOptions): Heartbeats {
  const pulses = new Map(
    options.nodes.map(({ name }) => [name, { heardAt: performance.now(), reachable: true, lost: false }]),
  )
  const stopping = new AbortController()
  const loops = options.nodes.map((node) => beatOn(node, pulses.get(node.name), { options, signal: stopping.signal }))
  return {
    isReachable: (node) => pulses.get(node)?.reachable ?? false,
    isLost: (node) => pulses.get(node)?.lost ?? false,
    stop: async () => {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function beatOn(
  { name, agentSocket }: HeartbeatOptions['nodes'][number],
  pulse: Pulse | undefined,
  { options, signal }: { readonly options: HeartbeatOptions; readonly signal: AbortSignal },
): Promise<void> {
  if (pulse === undefined) return
  for (;;) {
    await beat(pulse, agentSocket, options)
    if (signal.aborted) return
    if (judge(pulse, options.graceMs)) options.onChange(name)
    await pause(BEAT_MS, undefined, { signal }).catch(() => {})
  }
}

async function beat(pulse: Pulse, agentSocket: string, { apiServer }: HeartbeatOptions): Promise<void> {
  try {
    const socket = await dial(agentSocket, apiServer, BEAT_MS)
    socket.destroy()
    pulse.heardAt = performance.now()
  } catch (error) {
    // Refused: the API server is down, and nobody could tell it that a node is lost. The node is in reach.
    if (error instanceof DialError && error.code === 'ECONNREFUSED') pulse.heardAt = performance.now()
  }
}

/** @returns whether anything changed */
function judge(pulse: Pulse, graceMs: number): boolean {
  const silence = performance.now() - pulse.heardAt
  const before = { ...pulse }
  pulse.reachable = silence < 2 * BEAT_MS
  pulse.lost = silence >= graceMs
  return before.reachable !== pulse.reachable || before.lost !== pulse.lost
}
