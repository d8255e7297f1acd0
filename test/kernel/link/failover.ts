import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { quantile } from '../../bench/result.ts'
import { inNamespace } from '../../lab/command.ts'
import { eventually } from '../../netns/link/speaker-node.ts'
import { other, type TwoSwitches } from './two-switches.ts'

/** One change of the active card, in milliseconds after the carrier was taken. */
export type Failover = {
  /** When the bond says that it uses the other card. */
  readonly bondMs: number
  /** When the first gratuitous frame of the speaker passed on the other card's wire. */
  readonly frameMs: number
}

/** When the bond said that it failed over, as the kernel tells it, in moments of `Date.now`. */
export type BondWatch = { readonly moments: readonly number[]; readonly close: () => void }

/** Listens to what the kernel tells of links by `ip monitor`, an independent program. */
export async function watchBond({ nodeName, spaces }: Pick<TwoSwitches, 'nodeName' | 'spaces'>): Promise<BondWatch> {
  const [command = '', ...before] = inNamespace(nodeName)
  const child = spawn(command, [...before, 'ip', '-ts', '-d', 'monitor', 'link'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const moments: number[] = []
  let isListening = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    isListening = true
    const [, at] = /^\[([^\]]+)\].* bond0: .* event BONDING FAILOVER/.exec(line) ?? []
    if (at !== undefined) moments.push(Date.parse(at))
  })
  await eventually('ip monitor listens', () => {
    spaces.ip(nodeName, 'link', 'set', 'lo', 'mtu', String(60_000 + Math.floor(Math.random() * 1000)))
    return isListening
  })
  return { moments, close: () => void child.kill() }
}

/** Takes the carrier of the active card, waits for the burst on the other, and gives it back. */
export async function failOver(stage: TwoSwitches, { moments }: BondWatch, pattern: RegExp): Promise<Failover> {
  const from = stage.active()
  const to = other(from)
  const seen = moments.length
  const cutAt = Date.now()
  stage.setCarrier(from, false)
  await eventually('it is announced on the other card', () => stage.heard(to, pattern, cutAt).length >= 4)
  await eventually('the bond told of it', () => moments.length > seen)
  const frameAt = stage.heard(to, pattern, cutAt)[0]?.atMs ?? Number.NaN
  stage.setCarrier(from, true)
  // Both cards must be good again before the next one.
  await eventually('the card is back', () =>
    /MII Status: up(?![^]*MII Status: down)/.test(
      stage.spaces.run(stage.nodeName, 'cat', '/proc/net/bonding/bond0').stdout,
    ),
  )
  return { bondMs: (moments[seen] ?? Number.NaN) - cutAt, frameMs: frameAt - cutAt }
}

/** `min/median/max`, to a tenth of a millisecond. */
export function spread(values: readonly number[]): string {
  return [0, 0.5, 1].map((q) => quantile(values, q).toFixed(1)).join('/')
}
