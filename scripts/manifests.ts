import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { findBinaries } from '../test/lab/binaries.ts'

const ROOT = new URL('..', import.meta.url).pathname
/** The manifest that people apply, checked in so that they need nothing but kubectl. */
const FILE = `${ROOT}config/manifests/steelyard.yaml`
const HEADER = '# Made by `npm run manifests` from config/default. Change it there.\n'

/** What kustomize makes of `config/default`, as one text. */
export async function renderManifest(): Promise<string> {
  const { kubectl } = await findBinaries(console.error)
  return HEADER + execFileSync(kubectl, ['kustomize', `${ROOT}config/default`], { encoding: 'utf8' })
}

/** Whether the manifest that is checked in is what `config/default` makes. */
export async function isManifestFresh(): Promise<boolean> {
  return readFileSync(FILE, 'utf8') === (await renderManifest())
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    if (!(await isManifestFresh())) {
      console.error('config/manifests/steelyard.yaml is not what config/default makes: npm run manifests')
      process.exitCode = 1
    }
  } else writeFileSync(FILE, await renderManifest())
}
