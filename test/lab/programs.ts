import type { Kubelet } from './kubelet/kubelet.ts'
import { keyOf, type Pod, programOf } from './kubelet/pod.ts'
import type { RunningPod } from './kubelet/state.ts'

/** A Pod of the lab, as a test handles it. */
export type LabPod = {
  readonly name: string
  readonly namespace: string
  readonly node: string
  readonly ips: readonly string[]
  /** The network namespace it runs in. */
  readonly networkNamespace: string
  /** Of its program, now; undefined when it does not run. */
  readonly pid: () => number | undefined
  readonly logFile: () => string
  readonly isReady: () => boolean
}

export type KillOptions = {
  readonly signal?: NodeJS.Signals
  /** false: stays down until `restart`. */
  readonly restart?: boolean
}

export type Programs = {
  /** All Pods that run in the lab. */
  readonly pods: () => readonly LabPod[]
  /** The Pods of one of our programs, by node. */
  readonly of: (program: 'controller' | 'speaker') => readonly LabPod[]
  readonly speakerOn: (node: string) => LabPod
  /** Ends a Pod's program (SIGKILL unless told); the lab's kubelet starts it again, as a kubelet would. */
  readonly kill: (pod: LabPod, options?: KillOptions) => void
  readonly restart: (pod: LabPod) => void
  /**
   * Ends a Pod's program in order: SIGTERM, and SIGKILL after the Pod's grace time; resolves when it is gone. The
   * lab's kubelet starts it again unless told.
   */
  readonly stop: (pod: LabPod, options?: Pick<KillOptions, 'restart'>) => Promise<void>
  /** SIGSTOP and SIGCONT: a program that hangs. */
  readonly pause: (pod: LabPod) => void
  readonly resume: (pod: LabPod) => void
  /** Overrides the readiness of a Pod; undefined gives it back to its probe. */
  readonly setReady: (pod: LabPod, ready: boolean | undefined) => void
}

export function labPrograms(kubelet: Kubelet): Programs {
  const all = (): readonly RunningPod[] => [...kubelet.running.values()]
  const find = (pod: LabPod): RunningPod => {
    const running = all().find((candidate) => keyOf(candidate.pod) === `${pod.namespace}/${pod.name}`)
    if (running === undefined) throw new Error(`the Pod ${pod.namespace}/${pod.name} does not run any more`)
    return running
  }
  const of = (program: 'controller' | 'speaker'): readonly LabPod[] =>
    all()
      .filter(({ pod }) => programOf(pod) === program)
      .sort((a, b) => a.node.name.localeCompare(b.node.name, 'en', { numeric: true }))
      .map(view)
  return {
    pods: () => all().map(view),
    of,
    speakerOn: (node) => {
      const speaker = of('speaker').find((candidate) => candidate.node === node)
      if (speaker === undefined) throw new Error(`no speaker runs on ${node}`)
      return speaker
    },
    kill: (pod, { signal = 'SIGKILL', restart = true } = {}) => {
      const running = find(pod)
      running.held = !restart
      running.child?.kill(signal)
    },
    restart: (pod) => {
      const running = find(pod)
      Object.assign(running, { held: false, restartAt: 0 })
      kubelet.resync(running.uid)
    },
    stop: async (pod, { restart = true } = {}) => {
      const running = find(pod)
      running.held = !restart
      await running.child?.stop()
    },
    pause: (pod) => find(pod).child?.kill('SIGSTOP'),
    resume: (pod) => find(pod).child?.kill('SIGCONT'),
    setReady: (pod, ready) => {
      const running = find(pod)
      running.forcedReady = ready
      kubelet.resync(running.uid)
    },
  }
}

function view(running: RunningPod): LabPod {
  const { pod, node, podIps, namespace }: { pod: Pod } & RunningPod = running
  return {
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    node: node.name,
    ips: podIps,
    networkNamespace: namespace,
    pid: () => (running.child?.ended() === undefined ? running.child?.pid : undefined),
    logFile: () => running.child?.logFile ?? '',
    isReady: () => running.forcedReady ?? running.ready,
  }
}
