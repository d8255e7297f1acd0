const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Sees to it that things go however this process ends: by the function it gives, by an
 * error nobody caught, by `process.exit` and, if `onSignals`, by a signal. What even SIGKILL leaves
 * behind of a lab is swept by the next run with the same suffix.
 */
export function endWithProcess(clean: () => void, onSignals: boolean): () => void {
  const signals = onSignals ? SIGNALS : []
  const sweep = (): void => {
    process.off('exit', sweep)
    for (const signal of signals) process.off(signal, onSignal)
    clean()
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    sweep()
    // As if it had not been caught: whoever waits for us sees the signal.
    process.kill(process.pid, signal)
  }
  process.once('exit', sweep)
  for (const signal of signals) process.once(signal, onSignal)
  return sweep
}
