import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { ProxyMode } from '../lab/packages.ts'

/** What tests saw through each mode of kube-proxy, kept beside them: docs/kube-proxy.md is made from it. */

export const FAMILIES = ['IPv4', 'IPv6'] as const
export const POLICIES = ['Cluster', 'Local'] as const
export const MODES: readonly ProxyMode[] = ['iptables', 'nftables', 'ipvs']

export type ProxyRow = { readonly family: (typeof FAMILIES)[number]; readonly policy: (typeof POLICIES)[number] }

export type ProxyResult = {
  /** Which Pods answer: of all nodes, or of the one that owns the address. */
  readonly pods: string
  /** As whom a Pod sees who calls by TCP, and by UDP. */
  readonly seenAs: string
  readonly udp: string
  /** Whether the nodes themselves reach the address. */
  readonly nodesReachIt: string
}

export type ProxyResults = Readonly<Record<string, ProxyResult>>

export function rowName({ family, policy }: ProxyRow): string {
  return `${family}, ${policy}`
}

function pathOf(mode: ProxyMode): string {
  return new URL(`../fixtures/proxy-modes/${mode}.json`, import.meta.url).pathname
}

export function readResults(mode: ProxyMode): ProxyResults {
  return existsSync(pathOf(mode)) ? (JSON.parse(readFileSync(pathOf(mode), 'utf8')) as ProxyResults) : {}
}

/** Compares with what is kept; GOLDEN=write keeps it, to be looked at before it is committed. */
export function assertResult(mode: ProxyMode, row: ProxyRow, result: ProxyResult): void {
  const name = rowName(row)
  if (process.env['GOLDEN'] === 'write') {
    const results = { ...readResults(mode), [name]: result }
    writeFileSync(pathOf(mode), `${JSON.stringify(results, undefined, 2)}\n`)
  }
  assert.deepEqual(result, readResults(mode)[name])
}
