import { startBird } from './bird.ts'
import { startExabgp } from './exabgp.ts'
import { startFrr } from './frr.ts'
import { startGobgp } from './gobgp.ts'
import { startOpenbgpd } from './openbgpd.ts'
import type { Router, RouterKind, RouterOptions } from './router.ts'

const STARTERS: Readonly<Record<RouterKind, (options: RouterOptions) => Promise<Router>>> = {
  frr: startFrr,
  bird: startBird,
  gobgp: startGobgp,
  openbgpd: startOpenbgpd,
  exabgp: startExabgp,
}

/**
 * Starts a real router daemon in a namespace, and waits until it answers.
 * @throws UnsupportedError when the options ask for what this kind lacks; Error with the end of its log when it does not come up
 */
export function startRouter(kind: RouterKind, options: RouterOptions): Promise<Router> {
  return STARTERS[kind](options)
}
