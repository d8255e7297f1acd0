import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Condition } from '../kubernetes.ts'
import { CONFIGURATION_CONDITIONS, KINDS } from '../names.ts'
import { sampleObject } from '../sample-objects.ts'
import {
  configurationCondition,
  type ConfigurationOutcome,
  type ConfigurationSummary,
  readConfigurationState,
  summarizeConditions,
} from './configuration-state.ts'

const NOW = '2026-05-01T10:00:00Z'
const of = (outcome: ConfigurationOutcome, type = 'poolReconcilerValid'): Condition =>
  configurationCondition(type, outcome, NOW)
const FINE = of({ kind: 'reconciled' })
const BROKEN = of({ kind: 'configurationError', message: 'pools overlap' })
const ODD = of({ kind: 'unknownError', message: 'no idea' }, 'other')

describe('configurationCondition', () => {
  it('of a pass that went well is True, with an empty message', () =>
    assert.deepEqual(FINE, {
      type: 'poolReconcilerValid',
      status: 'True',
      reason: 'Reconciled',
      message: '',
      lastTransitionTime: NOW,
    }))
  it('of a broken rule is False, with what is broken', () =>
    assert.deepEqual(BROKEN, {
      type: 'poolReconcilerValid',
      status: 'False',
      reason: 'ConfigurationError',
      message: 'pools overlap',
      lastTransitionTime: NOW,
    }))
  it('of anything else is False for another reason', () =>
    assert.deepEqual([ODD.status, ODD.reason], ['False', 'UnknownError']))
  it('has the type of the program it speaks for', () =>
    assert.deepEqual(
      [CONFIGURATION_CONDITIONS.controller.type, CONFIGURATION_CONDITIONS.speaker.type],
      ['poolReconcilerValid', 'configReconcilerValid'],
    ))
})

describe('summarizeConditions', () => {
  const CASES: readonly (readonly [name: string, conditions: readonly Condition[], summary: ConfigurationSummary])[] = [
    ['no conditions are Unknown', [], { result: 'Unknown', errorSummary: '' }],
    ['a good one is Valid', [FINE], { result: 'Valid', errorSummary: '' }],
    ['a configuration error is Invalid', [BROKEN], { result: 'Invalid', errorSummary: 'pools overlap' }],
    [
      'one error among good ones is Invalid',
      [FINE, BROKEN, FINE],
      { result: 'Invalid', errorSummary: 'pools overlap' },
    ],
    ['an unknown error leaves Valid, and is told', [FINE, ODD], { result: 'Valid', errorSummary: 'no idea' }],
    ['messages stand one per line', [BROKEN, ODD], { result: 'Invalid', errorSummary: 'pools overlap\nno idea' }],
    [
      'a True one is no error, whatever its reason',
      [{ ...BROKEN, status: 'True', message: '' }],
      { result: 'Valid', errorSummary: '' },
    ],
    ['a message may be absent', [{ type: 'x', status: 'True' }], { result: 'Valid', errorSummary: '' }],
  ]
  for (const [name, conditions, summary] of CASES)
    it(name, () => assert.deepEqual(summarizeConditions(conditions), summary))
})

describe('readConfigurationState', () => {
  it('takes over what is written', () => {
    const status = { result: 'Invalid', errorSummary: 'pools overlap', conditions: [BROKEN] }
    assert.deepEqual(readConfigurationState({ ...sampleObject(KINDS.configurationState, 'controller'), status }), {
      ok: true,
      value: { name: 'controller', ...status },
    })
  })
  it('is Unknown until somebody has judged', () =>
    assert.deepEqual(readConfigurationState(sampleObject(KINDS.configurationState, 'speaker-n1')), {
      ok: true,
      value: { name: 'speaker-n1', result: 'Unknown', errorSummary: '', conditions: [] },
    }))
  it('tells what is wrong with an edited one', () => {
    const read = readConfigurationState({
      ...sampleObject(KINDS.configurationState, 'x'),
      status: { result: 'Good', conditions: [{ type: 'a', status: 'Maybe' }] },
    })
    assert.deepEqual(read.ok ? [] : read.problems.map(({ path }) => path), [
      'status.result',
      'status.conditions[0].status',
    ])
  })
})
