import { release } from 'node:os'
import { MachineError } from '../lab/packages.ts'
import { lackingFeatures } from './features.ts'

/** Where the files of the ring run. */
export type Place = { readonly kind: 'own' | 'guest'; readonly why: string }

type Facts = {
  /** What $STEELYARD_KERNEL says. */
  readonly told: string | undefined
  readonly lacking: readonly string[]
  /** The kernel's release, for who reads. */
  readonly kernel: string
}

/** @throws MachineError when it is told what there is not */
export function choosePlace({ told = '', lacking, kernel }: Facts): Place {
  const what =
    lacking.length === 0
      ? `this machine's kernel ${kernel} has everything`
      : `this machine's kernel ${kernel} lacks ${lacking.join(', ')}`
  if (told === '') return { kind: lacking.length === 0 ? 'own' : 'guest', why: what }
  if (told !== 'own' && told !== 'guest') {
    throw new MachineError(`STEELYARD_KERNEL is ${told}: there are own and guest`)
  }
  return { kind: told, why: `as STEELYARD_KERNEL says; ${what}` }
}

/** Looks at this machine and chooses. */
export function findPlace(): Place {
  return choosePlace({ told: process.env['STEELYARD_KERNEL'], lacking: lackingFeatures(), kernel: release() })
}

/** The one line that tells it. */
export function placeLine({ kind, why }: Place): string {
  const where = kind === 'own' ? "on this machine's own kernel" : 'in guests, one a file'
  return `the kernel ring runs ${where}: ${why}`
}
