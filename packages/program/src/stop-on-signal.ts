import type { Logger } from './logger.ts'

/**
 * Ends the process in order on SIGTERM or SIGINT: runs `stop`, then exits with 0. Exits with 1 when `stop`
 * fails or takes longer than `graceMs`, asked when it begins (Kubernetes kills soon after), and at once on a second signal.
 */
export function stopOnSignal(options: {
  readonly log: Logger
  readonly graceMs: () => number
  readonly stop: () => Promise<void>
}): void {
  let stopping = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1)
    stopping = true
    void end(signal, options)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

async function end(signal: NodeJS.Signals, { log, graceMs, stop }: Parameters<typeof stopOnSignal>[0]): Promise<void> {
  log.info(`${signal}: stopping`, { op: 'shutdown' })
  const mostMs = graceMs()
  const timer = setTimeout(() => {
    log.error(`not stopped after ${mostMs} ms: giving up`, { op: 'shutdown' })
    process.exit(1)
  }, mostMs)
  try {
    await stop()
  } catch (error) {
    log.error('could not stop in order', { op: 'shutdown', error })
    process.exit(1)
  }
  clearTimeout(timer)
  log.info('stopped', { op: 'shutdown' })
  process.exit(0)
}
