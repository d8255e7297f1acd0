/**
 * The link worker in a process of its own, to be run inside a network namespace: desires come as
 * JSON lines on stdin, facts go out as JSON lines on stdout. `{"blockShare":0.9}` keeps the main
 * thread busy for that share of the time, as a long list or a garbage collection would; `{"blockMs":2000}` blocks it once.
 */
import { createInterface } from 'node:readline'
import type { LinkDesired } from '../../../speaker/src/link/messages.ts'
import { startLink } from '../../../speaker/src/link/start-link.ts'

export type Command = { readonly desired: LinkDesired } | { readonly blockShare: number } | { readonly blockMs: number }

const BLOCK_ROUND_MS = 100

const link = startLink()
const load = { share: 0 }
link.onFact((fact) => void process.stdout.write(`${JSON.stringify(fact)}\n`))

function block(): void {
  const until = performance.now() + BLOCK_ROUND_MS * load.share
  while (performance.now() < until);
  setTimeout(block, BLOCK_ROUND_MS * (1 - load.share))
}

function blockOnce(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

function obey(line: string): void {
  const command = JSON.parse(line) as Command
  if ('desired' in command) return link.set(command.desired)
  if ('blockMs' in command) return blockOnce(command.blockMs)
  const isBlocking = load.share > 0
  load.share = command.blockShare
  if (!isBlocking) block()
}

const commands = createInterface({ input: process.stdin })
commands.on('line', obey)
commands.on('close', () => void link.stop().then(() => process.exit(0)))
