import assert from 'node:assert/strict'
import type { SpeakerCluster } from './speaker-cluster.ts'

/** Address number `at` of the pool. */
export const ipOf = (at: number): string => `192.0.2.${at}`

/** Services web-1 … with one address each. */
export function serveMany(scene: SpeakerCluster, count: number): void {
  for (let at = 1; at <= count; at++) scene.serve(`web-${at}`, [ipOf(at)])
}

/** Of each of those addresses, who announces it. */
export function ownersOf(scene: SpeakerCluster, count: number): string[][] {
  return Array.from({ length: count }, (_, at) => scene.answering(ipOf(at + 1)))
}

/** Exactly one node announces each, and the API shows it so, and nothing else. */
export function assertShared(scene: SpeakerCluster, count: number): void {
  const owners = ownersOf(scene, count)
  for (const [at, of] of owners.entries()) assert.equal(of.length, 1, `${ipOf(at + 1)}: ${of.join(' ')}`)
  assert.deepEqual(scene.shown(), owners.map(([owner], at) => `web-${at + 1}@${owner}`).sort())
}

/** Why a speaker has withdrawn something, in order. */
export function withdrawals(scene: SpeakerCluster, name: string): unknown[] {
  const lines = scene.speakers[name]?.lines ?? []
  return lines.filter(({ event }) => event === 'serviceWithdrawn').map(({ reason }) => reason)
}
