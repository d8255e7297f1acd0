import { type KubeObject, type LabelSelector, type SelectorRequirement, selectorMatches } from '@steelyard/model'
import type { Scope } from '../api.ts'

/** Whether an object is one of those a list or watch asks for. */
export function inScope({ namespace, labelSelector = '', fieldSelector = '' }: Scope, object: KubeObject): boolean {
  return (
    (namespace === undefined || object.metadata.namespace === namespace) &&
    selectorMatches(parseLabelSelector(labelSelector), object.metadata.labels ?? {}) &&
    termsOf(fieldSelector).every((term) => fieldMatches(term, object))
  )
}

const EQUALITY = /^([^!=]+)(==|=|!=)(.*)$/

/** The text form of a label selector, as in a query: `a=b,c!=d,e,!f`. Sets (`in`, `notin`) are not read. */
function parseLabelSelector(text: string): LabelSelector {
  return termsOf(text).map((term): SelectorRequirement => {
    const [, key, sign, value = ''] = EQUALITY.exec(term) ?? []
    if (key !== undefined) return { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] }
    return { key: term.replace('!', ''), operator: term.startsWith('!') ? 'DoesNotExist' : 'Exists', values: [] }
  })
}

function fieldMatches(term: string, object: KubeObject): boolean {
  const [, path = '', sign, value = ''] = EQUALITY.exec(term) ?? []
  return (fieldAt(object, path) === value) === (sign !== '!=')
}

function termsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((term) => term.trim())
}

function fieldAt(object: KubeObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], object)
}
