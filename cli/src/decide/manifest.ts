import type { KubeObject } from '@steelyard/model'
import { LineCounter, parseAllDocuments } from 'yaml'

export type Manifest =
  | { readonly ok: true; readonly objects: readonly KubeObject[] }
  /** `file:line: what`. */
  | { readonly ok: false; readonly problem: string }

/** The objects of a file, YAML or JSON, Lists taken apart; `name` is for messages. */
export function readManifest(text: string, name: string): Manifest {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter })
  const objects: KubeObject[] = []
  for (const document of Array.isArray(documents) ? documents : []) {
    const found = objectsOf(document)
    if (found.ok) objects.push(...found.objects)
    else return { ok: false, problem: `${name}:${lineCounter.linePos(found.at).line}: ${found.problem}` }
  }
  return { ok: true, objects }
}

type Documents = ReturnType<typeof parseAllDocuments>
type YamlDocument = Documents extends readonly (infer One)[] | (infer _) ? One : never
type Read = { readonly ok: true; readonly objects: readonly KubeObject[] } | (Problem & { readonly ok: false })
/** Where, counted in characters, and what. */
type Problem = { readonly at: number; readonly problem: string }

function objectsOf(document: YamlDocument): Read {
  const [error] = document.errors
  if (error !== undefined) {
    const [what = ''] = error.message.split(/ at line |\n/)
    return { ok: false, at: error.pos[0], problem: `not YAML: ${what}` }
  }
  const content: unknown = document.toJS()
  if (content === null || content === undefined) return { ok: true, objects: [] }
  const found = objectsIn(content)
  if (typeof found !== 'string') return { ok: true, objects: found }
  return { ok: false, at: document.contents?.range?.[0] ?? 0, problem: found }
}

/** The objects, or what is wrong. */
function objectsIn(content: unknown): readonly KubeObject[] | string {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return 'not an object of Kubernetes'
  const { apiVersion, kind, items } = content as Readonly<Record<string, unknown>>
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return 'an object without apiVersion or kind'
  if (kind.endsWith('List') && Array.isArray(items)) return objectsInList(items, apiVersion, kind)
  return hasName(content) ? [content as KubeObject] : `a ${kind} without metadata.name`
}

function hasName(content: object): boolean {
  const { metadata } = content as { readonly metadata?: { readonly name?: unknown } | null }
  return typeof metadata?.name === 'string' && metadata.name !== ''
}

function objectsInList(items: readonly unknown[], apiVersion: string, kind: string): readonly KubeObject[] | string {
  const lists = items.map((item) => objectsIn(withType(item, apiVersion, kind)))
  return lists.find((one) => typeof one === 'string') ?? lists.flatMap((one) => (typeof one === 'string' ? [] : one))
}

/** Items of a list from the API itself do not say what they are. */
function withType(item: unknown, apiVersion: string, listKind: string): unknown {
  if (typeof item !== 'object' || item === null) return item
  return listKind === 'List' ? item : { apiVersion, kind: listKind.slice(0, -'List'.length), ...item }
}
