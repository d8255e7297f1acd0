/** How text for people is set: colours are for a terminal only. */
export type Paint = {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warning: (text: string) => string
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
}

const plain = (text: string): string => text
const sequence =
  (code: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001B[${code}m${text}\u001B[0m`

export const PLAIN: Paint = { good: plain, bad: plain, warning: plain, strong: plain, faint: plain }
export const COLOURED: Paint = {
  good: sequence(32),
  bad: sequence(31),
  warning: sequence(33),
  strong: sequence(1),
  faint: sequence(2),
}

/** no-color.org: NO_COLOR, when it is not empty, means none; so does whatever is no terminal. */
export function paintFor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Paint {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' ? COLOURED : PLAIN
}
