import { fileURLToPath } from 'node:url'
import { type Outcome, run } from '../../lab/command.ts'
import type { Lab } from '../../lab/lab.ts'

/** The folder of the bundles that users run. */
export const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url))

export type CommandOptions = { readonly input?: string; readonly kubeconfig?: string }

/** Runs the bundle, as administrator or with another kubeconfig. */
export function steelyard(lab: Lab, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const { input = '', kubeconfig = lab.kubeconfig } = options
  const [command = '', ...rest] = args
  const line = [process.execPath, `${DIST}steelyard.mjs`, command, `--kubeconfig=${kubeconfig}`, ...rest]
  return run(line, { input, timeoutMs: 30_000 })
}

/** What it says as a value; its exit status is for others to judge. */
export async function steelyardValue<T>(lab: Lab, args: readonly string[], options?: CommandOptions): Promise<T> {
  const { stdout, stderr } = await steelyard(lab, [...args, '-o', 'json'], options)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as T
}
