import type { PlainWorld } from '../world.ts'
import type { CertificateProblem } from './certificate.ts'
import type { Keeper } from './certificate-keeper.ts'
import { conditionWriter } from './condition-writer.ts'

export type FileWatchOptions = {
  readonly namespace: string
  readonly fileProblem: () => CertificateProblem | undefined
  readonly serverProblem: () => string | undefined
}

/** Where the certificate comes from a folder, nothing is kept; how the webhook fares is told all the same. */
export function watchFiles(world: PlainWorld, { namespace, fileProblem, serverProblem }: FileWatchOptions): Keeper {
  const condition = conditionWriter(world, namespace)
  const check = (): void => {
    const server = serverProblem()
    const problem = fileProblem() ?? (server === undefined ? undefined : { reason: 'NotListening', message: server })
    condition.report(problem === undefined ? { kind: 'ready' } : { kind: 'troubled', ...problem })
  }
  check()
  return { check, stop: condition.stop }
}
