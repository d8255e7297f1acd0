import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { findBinaries } from '../test/lab/binaries.ts'

const ROOT = new URL('..', import.meta.url).pathname

/** The manifests that people apply, checked in so that they need nothing but kubectl: each file, and what it is made from. */
export const MANIFESTS: Readonly<Record<string, string>> = {
  'config/manifests/steelyard.yaml': 'config/default',
  'config/manifests/steelyard-ha.yaml': 'config/overlays/ha',
  'config/manifests/steelyard-prometheus.yaml': 'config/overlays/prometheus',
}

/** What kustomize makes of the folder of a manifest, as one text. */
export async function renderManifest(file: string): Promise<string> {
  const { kubectl } = await findBinaries(console.error)
  const folder = MANIFESTS[file]
  if (folder === undefined) throw new Error(`${file} is not one of the manifests`)
  const rendered = execFileSync(kubectl, ['kustomize', `${ROOT}${folder}`], { encoding: 'utf8' })
  return `# Made by \`npm run manifests\` from ${folder}. Change it there.\n${rendered}`
}

/** The manifests that are not what their folders make. */
export async function staleManifests(): Promise<readonly string[]> {
  const stale: string[] = []
  for (const file of Object.keys(MANIFESTS)) {
    if (readFileSync(`${ROOT}${file}`, 'utf8') !== (await renderManifest(file))) stale.push(file)
  }
  return stale
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    for (const file of await staleManifests()) {
      console.error(`${file} is not what ${MANIFESTS[file]} makes: npm run manifests`)
      process.exitCode = 1
    }
  } else {
    for (const file of Object.keys(MANIFESTS)) writeFileSync(`${ROOT}${file}`, await renderManifest(file))
  }
}
