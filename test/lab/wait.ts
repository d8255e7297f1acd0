export type WaitOptions = {
  /** 30 s unless told, times `patience`: a wait ends when its condition is met, so a long limit costs only a failure. */
  readonly timeoutMs?: number
  /** How often to look; 50 ms unless told. */
  readonly everyMs?: number
  /** More to show when it fails: the ends of logs. */
  readonly background?: () => string
}

/** How many times slower than usual this machine may be: $LAB_PATIENCE, 1 unless told. A guest of the kernel ring is slow. */
export function patience(env: Readonly<Record<string, string | undefined>> = process.env): number {
  const told = Number(env['LAB_PATIENCE'] ?? 1)
  if (Number.isFinite(told) && told >= 1) return told
  throw new Error(`LAB_PATIENCE is ${env['LAB_PATIENCE']}: a number of 1 or more is accepted`)
}

/**
 * Looks again and again until `check` gives something (anything but undefined and false), and gives that.
 * A check that throws has not been met yet.
 * @throws Error that says what was waited for, what the last look showed, and the background
 */
export async function waitFor<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 30_000, everyMs = 50, background }: WaitOptions = {},
): Promise<T> {
  const limitMs = timeoutMs * patience()
  const deadline = performance.now() + limitMs
  for (;;) {
    const look = await lookOnce(check)
    if (look.kind === 'met') return look.value
    if (performance.now() >= deadline) {
      const parts = [`waited ${limitMs / 1000} s in vain for ${what}`, look.why, background?.() ?? '']
      throw new Error(parts.filter((part) => part !== '').join('\n'))
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

type Look<T> = { readonly kind: 'met'; readonly value: T } | { readonly kind: 'not yet'; readonly why: string }

async function lookOnce<T>(check: () => T | undefined | false | Promise<T | undefined | false>): Promise<Look<T>> {
  try {
    const value = await check()
    return value === undefined || value === false ? { kind: 'not yet', why: '' } : { kind: 'met', value }
  } catch (error) {
    return { kind: 'not yet', why: `the last look said: ${error instanceof Error ? error.message : String(error)}` }
  }
}
