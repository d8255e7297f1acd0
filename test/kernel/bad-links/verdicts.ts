import assert from 'node:assert/strict'
import type { MemberProcess } from '../../netns/link/member-process.ts'
import type { Namespaces } from '../../netns/namespaces.ts'

/** One member told another status of another member. */
export type Verdict = { readonly atMs: number; readonly by: string; readonly node: string; readonly status: string }

/** All changes of status that were told since a moment, of those that were known at it or came later; in order. */
export function verdictsSince(members: readonly MemberProcess[], sinceMs: number): readonly Verdict[] {
  return members.flatMap((member) => verdictsBy(member, sinceMs)).toSorted((one, other) => one.atMs - other.atMs)
}

function verdictsBy({ node: by, told }: MemberProcess, sinceMs: number): Verdict[] {
  const last = new Map<string, string>()
  const verdicts: Verdict[] = []
  for (const { atMs, fact } of told) {
    if (fact.kind !== 'members') continue
    for (const { node, status } of fact.members) {
      if (atMs >= sinceMs && last.get(node) !== status) verdicts.push({ atMs, by, node, status })
      last.set(node, status)
    }
  }
  return verdicts
}

/** What a member has dropped until now, by reason. */
export function dropsOf({ told }: MemberProcess): Readonly<Record<string, number>> {
  const { fact } = told.findLast(({ fact: { kind } }) => kind === 'memberCounters') ?? {}
  return fact?.kind === 'memberCounters' ? fact.dropped : {}
}

/** How many datagrams the kernel of a namespace has dropped for their checksum. */
export function udpChecksumErrors(spaces: Namespaces, namespace: string): number {
  const { stdout } = spaces.run(namespace, 'cat', '/proc/net/snmp')
  const [names = [], values = []] = stdout
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '))
  const at = names.indexOf('InCsumErrors')
  assert.ok(at > 0, stdout)
  return Number(values[at])
}
