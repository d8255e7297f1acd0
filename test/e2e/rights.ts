import { readFileSync } from 'node:fs'

const ROOT = new URL('../..', import.meta.url).pathname

export type Account = 'controller' | 'speaker'

/** A question for the API server: may this account do this? */
export type Access = {
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly verb: string
  readonly namespace: string
  readonly name: string
}

/** One line of docs/rbac.md. */
export type Right = {
  readonly resource: string
  readonly verbs: readonly string[]
  readonly isClusterWide: boolean
  /** Empty: any. */
  readonly name: string
}

const ROW = /^\| `([^`]+)` \| ([^|]+) \| (cluster|own namespace)(?:, `([^`]+)` only)? \| [^|]+ \|$/

/** The table of an account in docs/rbac.md. @throws Error on a row that cannot be read */
export function rightsOf(account: Account): readonly Right[] {
  const text = readFileSync(`${ROOT}docs/rbac.md`, 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith(`${account}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((row) => {
    const [, resource = '', verbs = '', where = '', name = ''] = ROW.exec(row) ?? []
    if (resource === '') throw new Error(`docs/rbac.md: cannot read "${row}"`)
    return { resource, verbs: verbs.split(', ').flatMap(spelledOut), isClusterWide: where === 'cluster', name }
  })
}

function spelledOut(verb: string): readonly string[] {
  return verb === 'read' ? ['get', 'list', 'watch'] : [verb]
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** What is asked about beside what the tables name: all that later features or a careless rule might let in. */
const OTHERS = [
  'pods',
  'pods/exec',
  'pods/log',
  'pods/status',
  'nodes',
  'nodes/status',
  'nodes/proxy',
  'secrets',
  'configmaps',
  'services',
  'services/status',
  'endpoints',
  'events',
  'namespaces',
  'serviceaccounts',
  'serviceaccounts/token',
  'deployments.apps',
  'daemonsets.apps',
  'leases.coordination.k8s.io',
  'endpointslices.discovery.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'tokenreviews.authentication.k8s.io',
  'subjectaccessreviews.authorization.k8s.io',
  'networkpolicies.networking.k8s.io',
  ...['ipaddresspools', 'l2advertisements', 'bgpadvertisements', 'bgppeers', 'bfdprofiles', 'communities'].flatMap(
    (plural) => ours(plural),
  ),
  ...['servicel2statuses', 'servicebgpstatuses', 'configurationstates'].flatMap((plural) => ours(plural)),
  ...['speakerpolicies', 'speakerstatuses', 'bgppeerpolicies'].flatMap((plural) => ours(plural, 'steelyard.dev')),
]

function ours(plural: string, group = 'metallb.io'): readonly string[] {
  return [`${plural}.${group}`, `${plural}.${group}/status`]
}

/** Every question: each resource, verb and place, by name where a name makes a difference. */
export function questions(rights: readonly Right[]): readonly Access[] {
  const resources = new Set([...OTHERS, ...rights.map(({ resource }) => resource)])
  return [...resources].flatMap((resource) =>
    ['metallb-system', 'default'].flatMap((namespace) =>
      namesFor(resource, rights).flatMap((name) =>
        VERBS.map((verb) => ({ ...partsOf(resource), verb, namespace, name })),
      ),
    ),
  )
}

function namesFor(resource: string, rights: readonly Right[]): readonly string[] {
  const known = rights.filter((right) => right.resource === resource && right.name !== '').map(({ name }) => name)
  return known.length === 0 ? [''] : ['', 'another', ...known]
}

/** `ipaddresspools.metallb.io/status` in its three parts. */
function partsOf(text: string): Pick<Access, 'group' | 'resource' | 'subresource'> {
  const [whole = '', subresource = ''] = text.split('/')
  const [resource = '', ...group] = whole.split('.')
  return { group: group.join('.'), resource, subresource }
}

export function nameOf({ group, resource, subresource }: Access): string {
  return `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`
}

/** What the tables say. A right for one name only is none for all, nor for a name that is not known. */
export function isGranted(rights: readonly Right[], access: Access): boolean {
  return rights.some(
    ({ resource, verbs, isClusterWide, name }) =>
      resource === nameOf(access) &&
      verbs.includes(access.verb) &&
      (isClusterWide || access.namespace === 'metallb-system') &&
      (name === '' || name === access.name),
  )
}
