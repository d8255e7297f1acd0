import type { KubeObject } from '@steelyard/model'

/**
 * Whether `a` was stored after `b`: two states of one object, one from a watch, one from the answer to a write.
 * Resource versions are growing decimal numbers on every API server, and promised to be since Kubernetes 1.35.
 */
export function isNewer(a: KubeObject, b: KubeObject): boolean {
  const [one, two] = [versionOf(a), versionOf(b)]
  return one.length === two.length ? one > two : one.length > two.length
}

export function isSameVersion(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.uid === b.metadata.uid && versionOf(a) === versionOf(b)
}

export function versionOf({ metadata }: KubeObject): string {
  return metadata.resourceVersion ?? ''
}
