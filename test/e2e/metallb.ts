import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments, stringify } from 'yaml'
import type { KubeObject } from '@steelyard/model'
import type { LabApi } from '../lab/api.ts'
import type { Lab } from '../lab/lab.ts'

/** What a MetalLB install leaves in a cluster, from test/fixtures/metallb. */

type File = 'definitions' | 'install' | 'objects' | 'services' | 'webhook'

export type Left = KubeObject & { readonly spec?: object; readonly status?: object }
export type Definition = Left & { readonly spec: { readonly conversion?: { readonly strategy: string } } }

export function metallbFile(file: File): string {
  return fileURLToPath(new URL(`../fixtures/metallb/${file}.yaml`, import.meta.url))
}

export function metallbObjects(file: File): readonly Left[] {
  return parseAllDocuments(readFileSync(metallbFile(file), 'utf8'), { merge: true }).map(
    (document) => document.toJS() as Left,
  )
}

export const DEFINITIONS = metallbObjects('definitions') as readonly Definition[]

/** The kinds without what converts them, as YAML: so that objects can be made although nobody converts. */
function quietDefinitions(): string {
  return DEFINITIONS.map((definition) =>
    stringify({ ...definition, spec: { ...definition.spec, conversion: { strategy: 'None' } } }),
  ).join('---\n')
}

const PLURALS: Readonly<Record<string, string>> = {
  Secret: 'secrets',
  Service: 'services',
  IPAddressPool: 'ipaddresspools',
  L2Advertisement: 'l2advertisements',
  BGPAdvertisement: 'bgpadvertisements',
  BGPPeer: 'bgppeers',
  BFDProfile: 'bfdprofiles',
  Community: 'communities',
  AddressPool: 'addresspools',
  FRRConfiguration: 'frrconfigurations',
  ConfigurationState: 'configurationstates',
  ServiceL2Status: 'servicel2statuses',
  ServiceBGPStatus: 'servicebgpstatuses',
}

/** Where objects like this one are. @throws Error for a kind that no fixture has */
export function collectionOf({ apiVersion, kind, metadata }: Left): string {
  const plural = PLURALS[kind]
  if (plural === undefined) throw new Error(`the kind ${kind} is in no fixture`)
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${root}/namespaces/${metadata.namespace ?? 'default'}/${plural}`
}

export function placeOf(object: Left): string {
  return `${collectionOf(object)}/${object.metadata.name}`
}

/** The objects, with the status that MetalLB's programs gave them. */
async function create(api: LabApi, objects: readonly Left[]): Promise<void> {
  for (const object of objects) {
    await api.create(collectionOf(object), object)
    if (object.status !== undefined) await api.patch(`${placeOf(object)}/status`, { status: object.status })
  }
}

/** A cluster that MetalLB ran in: everything is there but its programs, which nothing can be asked of. */
export async function leaveMetallb(lab: Lab): Promise<void> {
  await lab.kubectl(['apply', '-f', metallbFile('install')])
  await lab.kubectl(['apply', '-f', '-'], quietDefinitions())
  await lab.kubectl(['wait', '--for=condition=Established', '-f', metallbFile('definitions')])
  await lab.waitFor('the kinds to be served', async () => {
    for (const object of metallbObjects('objects')) await lab.api.list(collectionOf(object))
    return true
  })
  await create(lab.api, metallbObjects('objects'))
  await create(lab.api, metallbObjects('services'))
  await lab.kubectl(['apply', '-f', metallbFile('definitions')])
  // As Helm leaves it: without what kubectl writes down to know at the next apply what is its own.
  await lab.kubectl(['create', '-f', metallbFile('webhook')])
}
