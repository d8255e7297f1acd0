import { ANNOTATION_PREFIX, ANNOTATIONS, DEPRECATED_ANNOTATION_PREFIX } from './names.ts'
import type { ServiceView } from './service.ts'

/** An annotation that is present; its value may be empty. `key` is the one it was read from, for messages. */
export type AnnotationValue = { readonly key: string; readonly value: string }

/** What a Service asks for by annotation. An absent field means that neither spelling is present. */
export type ServiceAnnotations = {
  readonly addressPool?: AnnotationValue
  readonly loadBalancerIps?: AnnotationValue
  readonly sharingKey?: AnnotationValue
  /** Every `metallb.universe.tf/` key on the Service, sorted: each deserves a `deprecatedAnnotation` event. */
  readonly deprecatedKeys: readonly string[]
}

/**
 * Reads the annotations under their stable key, else under the deprecated one. A stable key that is
 * present wins even when it is empty: that is how an old annotation is switched off.
 */
export function readAnnotations(view: Pick<ServiceView, 'annotations'>): ServiceAnnotations {
  const { annotations } = view
  return {
    ...named('addressPool', annotationOf(annotations, ANNOTATIONS.addressPool)),
    ...named('loadBalancerIps', annotationOf(annotations, ANNOTATIONS.loadBalancerIps)),
    ...named('sharingKey', annotationOf(annotations, ANNOTATIONS.allowSharedIp)),
    deprecatedKeys: Object.keys(annotations)
      .filter((key) => key.startsWith(DEPRECATED_ANNOTATION_PREFIX))
      .sort(),
  }
}

function annotationOf(annotations: ServiceView['annotations'], stableKey: string): AnnotationValue | undefined {
  const deprecatedKey = DEPRECATED_ANNOTATION_PREFIX + stableKey.slice(ANNOTATION_PREFIX.length)
  for (const key of [stableKey, deprecatedKey]) {
    const value = annotations[key]
    if (value !== undefined) return { key, value }
  }
  return undefined
}

function named<Name extends string>(
  name: Name,
  value: AnnotationValue | undefined,
): { readonly [Key in Name]?: AnnotationValue } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]: AnnotationValue })
}
