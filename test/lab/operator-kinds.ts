import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { goProgram } from './build-binaries.ts'

const MODULE = 'github.com/prometheus-operator/prometheus-operator@v0.85.0'

/** The kinds of the Prometheus operator that we ship objects of, as its Go module has them: 1 MB, kept in Go's own cache. */
export function operatorKinds(): readonly string[] {
  const told = execFileSync(goProgram(), ['mod', 'download', '-json', MODULE], { cwd: '/', encoding: 'utf8' })
  const { Dir: folder } = JSON.parse(told) as { readonly Dir: string }
  return ['podmonitors', 'servicemonitors', 'prometheusrules'].map((kind) =>
    join(folder, 'example/prometheus-operator-crd', `monitoring.coreos.com_${kind}.yaml`),
  )
}
