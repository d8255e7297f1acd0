import type { Decoded } from '@steelyard/net'
import { parseDocument } from 'yaml'

const KEY = 'announcedInterfacesToExclude'

/**
 * Reads the list of interfaces that are not ours to announce on: YAML with one key,
 * `announcedInterfacesToExclude`, a list of unanchored regular expressions. An empty file, or one without the
 * key, excludes none.
 */
export function readExcludeList(text: string): Decoded<readonly string[]> {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) return { ok: false, reason: `is not YAML: ${error.message.split('\n')[0]}` }
  const content: unknown = document.toJS()
  if (content === null || content === undefined) return { ok: true, value: [] }
  if (typeof content !== 'object' || Array.isArray(content))
    return { ok: false, reason: `is not a mapping with ${KEY}` }
  return readPatterns((content as Record<string, unknown>)[KEY] ?? [])
}

function readPatterns(list: unknown): Decoded<readonly string[]> {
  if (!Array.isArray(list)) return { ok: false, reason: `${KEY} is not a list of regular expressions` }
  for (const [index, entry] of list.entries()) {
    const problem = patternProblem(entry)
    if (problem !== undefined) return { ok: false, reason: `${KEY}[${index}]: ${JSON.stringify(entry)} ${problem}` }
  }
  return { ok: true, value: list as readonly string[] }
}

function patternProblem(entry: unknown): string | undefined {
  if (typeof entry !== 'string') return 'is not text'
  // It would match every interface, which nobody means by a blank line.
  if (entry === '') return 'is empty'
  try {
    void new RegExp(entry)
    return undefined
  } catch (error) {
    return `is not a regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
}
