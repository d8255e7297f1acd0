import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ReportedMove, SpeakerReport } from './cluster-objects.ts'
import { mergedMoves } from './moves.ts'

const move = (seconds: number, from: string, to: string, ip = '192.0.2.1'): ReportedMove => ({
  at: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString(),
  ip,
  from,
  to,
  cause: 'released',
})
const report = (node: string, ...moves: readonly ReportedMove[]): SpeakerReport => ({
  apiVersion: 'steelyard.dev/v1alpha1',
  kind: 'SpeakerStatus',
  metadata: { name: node },
  status: { node, moves },
})
const shown = (reports: readonly SpeakerReport[]): string[] =>
  mergedMoves(reports).map(({ at, from, to }) => `${at.slice(17, 19)} ${from}>${to}`)

describe('moves of all speakers', () => {
  it('are each told once, by the node that took the address', () => {
    assert.deepEqual(shown([report('a', move(3, 'a', 'b')), report('b', move(4, 'a', 'b'))]), ['04 a>b'])
  })
  it('are told by the node that gave it, where the other is gone', () => {
    assert.deepEqual(shown([report('a', move(3, 'a', 'b'))]), ['03 a>b'])
  })
  it('are two where the same happens again later', () => {
    const reports = [report('a', move(0, 'a', 'b'), move(30, 'a', 'b')), report('b', move(1, 'a', 'b'))]
    assert.deepEqual(shown(reports), ['01 a>b', '30 a>b'])
  })
  it('are in the order of time', () => {
    const reports = [report('b', move(9, 'a', 'b')), report('c', move(2, 'a', 'c', '192.0.2.2'))]
    assert.deepEqual(shown(reports), ['02 a>c', '09 a>b'])
  })
})
