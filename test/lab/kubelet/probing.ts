import { failureThresholdOf, isProbedForGood, probe } from './probe.ts'
import type { KubeletState, RunningPod } from './state.ts'

/** Oftener than a real kubelet's seconds, so that nobody waits for the lab. */
const PROBE_EVERY_MS = 200

/** Probes every running Pod and queues those whose readiness changed. */
export function startProbing(state: KubeletState): { readonly stop: () => void } {
  const underWay = new Set<string>()
  const timer = setInterval(() => {
    for (const running of state.running.values()) {
      if (underWay.has(running.uid) || !wantsProbe(running)) continue
      underWay.add(running.uid)
      void probeOnce(state, running).finally(() => underWay.delete(running.uid))
    }
  }, PROBE_EVERY_MS)
  return { stop: () => clearInterval(timer) }
}

function wantsProbe({ child, pod, ready, forcedReady }: RunningPod): boolean {
  if (child === undefined || child.ended() !== undefined || forcedReady !== undefined) return false
  return !ready || isProbedForGood(pod)
}

async function probeOnce({ options, queue }: KubeletState, running: RunningPod): Promise<void> {
  const { pod, node, podIps, child } = running
  const is = await probe(pod, { agentSocket: options.agentSocketOf(node.name), podIp: podIps[0] ?? '' })
  // The program may have ended, or been started anew, while the probe was under way.
  if (running.child !== child || child?.ended() !== undefined) return
  running.probeFailures = is ? 0 : running.probeFailures + 1
  const ready = is || (running.ready && running.probeFailures < failureThresholdOf(pod))
  if (ready === running.ready) return
  running.ready = ready
  queue.add(running.uid)
}
