import type { Pod } from '@steelyard/model'
import { CONTROLLER_LABELS, podsOf, SPEAKER_LABELS } from './living-speakers.ts'

/** What the Pods of the product were started with, where it decides. */
export type ProgramFlags = { readonly loadBalancerClass: string | undefined; readonly ignoresExcludeLabel: boolean }

type Containers = {
  readonly spec?: {
    readonly containers?: readonly { readonly command?: readonly string[]; readonly args?: readonly string[] }[]
  }
}

export function programFlags(pods: readonly Pod[]): ProgramFlags {
  const speakers = argumentsOf(podsOf(pods, SPEAKER_LABELS))
  const all = [...argumentsOf(podsOf(pods, CONTROLLER_LABELS)), ...speakers]
  return {
    loadBalancerClass: valueOf(all, '--lb-class'),
    ignoresExcludeLabel: speakers.includes('--ignore-exclude-lb') || speakers.includes('--ignore-exclude-lb=true'),
  }
}

function argumentsOf(pods: readonly Pod[]): readonly string[] {
  return pods.flatMap((pod) =>
    ((pod as Containers).spec?.containers ?? []).flatMap(({ command = [], args = [] }) => [...command, ...args]),
  )
}

function valueOf(all: readonly string[], flag: string): string | undefined {
  const at = all.indexOf(flag)
  if (at >= 0) return all[at + 1]
  return all.find((text) => text.startsWith(`${flag}=`))?.slice(flag.length + 1)
}
