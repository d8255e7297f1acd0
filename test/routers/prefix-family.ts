import type { RouteFamily } from './router.ts'

export function familyOf(prefix: string): RouteFamily {
  return prefix.includes(':') ? 'ipv6' : 'ipv4'
}
