import { spawn } from 'node:child_process'

/** One command of a run, shown by name. */
export type Step = { readonly name: string; readonly command: readonly string[] }

const ROOT = new URL('..', import.meta.url).pathname

/** Runs all steps one after the other, also behind a failed one, then says how each ended. */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const results: { readonly name: string; readonly ok: boolean; readonly seconds: string }[] = []
  for (const step of steps) {
    console.log(`\n=== ${step.name}`)
    const started = performance.now()
    const ok = await runStep(step)
    results.push({ name: step.name, ok, seconds: ((performance.now() - started) / 1000).toFixed(1) })
  }
  console.log('')
  for (const { name, ok, seconds } of results) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  return results.every(({ ok }) => ok)
}

/** A signal is passed on and the step still awaited: it has things to clean up. */
function runStep({ command: [program = '', ...args] }: Step): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit' })
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal)
    const signals = ['SIGINT', 'SIGTERM'] as const
    for (const signal of signals) process.on(signal, pass)
    const done = (ok: boolean): void => {
      for (const signal of signals) process.off(signal, pass)
      resolve(ok)
    }
    child.on('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`)
      done(false)
    })
    child.on('exit', (code, signal) => {
      if (signal !== null || (code ?? 0) >= 128) process.exitCode = 130
      done(code === 0)
    })
  })
}
