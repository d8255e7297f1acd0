import { connect } from 'node:net'
import { ATTEMPT_EVERY_MS } from './gaps.ts'

/**
 * Runs in the client's namespace: opens a fresh TCP connection to HOST PORT every 10 ms, each with a
 * limit of 200 ms. Says `ready` at the start, and on SIGTERM one line of JSON (`Knocking` in knock.ts).
 */
const [host = '', port = ''] = process.argv.slice(2)

const LIMIT_MS = 200
/** Shorter pauses between two successes are the machine's, not the network's. */
const GAP_MS = 100

/** Milliseconds since 1970, finer than Date.now. */
const now = (): number => performance.timeOrigin + performance.now()

const started = now()
/** When each success came about. */
const successAt: number[] = []
/** When each attempt that failed began. */
const failedAt: number[] = []
const seen = { attempts: 0, successes: 0, failures: 0, lastSuccess: started, firstSuccess: 0, longestGapMs: 0 }
const gaps: { at: number; ms: number }[] = []

function knock(): void {
  seen.attempts++
  const began = now()
  const socket = connect({ host, port: Number(port) })
  const timer = setTimeout(() => socket.destroy(new Error('limit')), LIMIT_MS)
  socket.on('connect', () => {
    succeed(now())
    // Without a farewell: no TIME_WAIT, so that a long run does not use up the ports.
    socket.resetAndDestroy()
  })
  socket.on('error', () => {
    seen.failures++
    failedAt.push(began)
  })
  socket.on('close', () => clearTimeout(timer))
}

function succeed(at: number): void {
  seen.successes++
  successAt.push(at)
  if (seen.firstSuccess === 0) seen.firstSuccess = at
  else noteGap(at)
  seen.lastSuccess = at
}

function noteGap(at: number): void {
  const ms = at - seen.lastSuccess
  seen.longestGapMs = Math.max(seen.longestGapMs, ms)
  if (ms >= GAP_MS) gaps.push({ at: seen.lastSuccess, ms })
}

const ticking = setInterval(knock, ATTEMPT_EVERY_MS)
process.on('SIGTERM', () => {
  clearInterval(ticking)
  // The pause that lasts still counts: an address that never came back has the longest gap of all.
  if (seen.successes > 0) noteGap(now())
  // Written whole before the end: a pipe takes no more than 64 KiB at once.
  process.stdout.write(`${JSON.stringify({ ...seen, gaps, successAt, failedAt })}\n`, () => process.exit(0))
})
console.log('ready')
