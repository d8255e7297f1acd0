import { STRICT_ARP_ADVICE } from '@steelyard/speaker'
import { SPEAKER_CONDITIONS } from '@steelyard/model'
import { type CheckResult, fault, notChecked, ok } from './check-result.ts'
import type { ClusterObjects } from './cluster-objects.ts'
import { type Finding, listed } from './finding.ts'
import { answersForAll, kubeProxyOf } from './kube-proxy.ts'
import { reportsOf } from './speaker-reports.ts'

type Seen = Pick<ClusterObjects, 'speakerStatuses' | 'systemConfigMaps'>

/** What the speakers say of their kernels, by node: whether it answers ARP for every Service, and in which words. */
function saidOfKernels({ speakerStatuses }: Pick<Seen, 'speakerStatuses'>): readonly Said[] {
  return reportsOf(speakerStatuses).flatMap(({ node, conditions }) => {
    const condition = conditions.find(({ type }) => type === SPEAKER_CONDITIONS.kernelAnswers)
    if (condition === undefined || condition.status === 'Unknown') return []
    return [{ node, answers: condition.status === 'True', message: condition.message ?? '' }]
  })
}
type Said = { readonly node: string; readonly answers: boolean; readonly message: string }

/** That kernels answer beside the owner: as the speakers on them say, else as kube-proxy is set up. */
export function strictArpOff(objects: Seen): Finding | undefined {
  const answering = saidOfKernels(objects)
    .filter(({ answers }) => answers)
    .map(({ node }) => node)
  if (answering.length > 0) {
    const message = `the kernel of ${listed(answering)} answers ARP for the address, whoever announces it: kube-proxy runs there in IPVS mode without strictARP`
    return { reason: 'StrictARPOff', message, advice: STRICT_ARP_ADVICE }
  }
  if (!answersForAll(kubeProxyOf(objects.systemConfigMaps))) return undefined
  return {
    reason: 'StrictARPOff',
    message:
      'kube-proxy runs in IPVS mode without strictARP: every node answers ARP for the address, whoever announces it',
    advice: STRICT_ARP_ADVICE,
  }
}

/** The same of all nodes at once. */
export function arpSettingsCheck(objects: Seen): CheckResult {
  const name = 'ARP settings'
  const said = saidOfKernels(objects)
  if (said.length === 0) return notChecked(name, 'no speaker tells', 'run steelyard check --node on each node')
  const answering = said.filter(({ answers }) => answers)
  const [first] = answering
  if (first === undefined) return ok(name, `no kernel answers for others on ${listed(said.map(({ node }) => node))}`)
  // The condition has the advice in it as well.
  const what = first.message.replace(`; ${STRICT_ARP_ADVICE}`, '')
  return fault(name, `${listed(answering.map(({ node }) => node))}: ${what}`, STRICT_ARP_ADVICE)
}
