import { BAD_ADVERTISEMENTS } from './bad-advertisements.ts'
import { BAD_ANSWERS } from './bad-answers.ts'
import { BAD_STARTS } from './bad-flags.ts'
import { BAD_FRAMES } from './bad-frames.ts'
import { BAD_PEERS } from './bad-peers.ts'
import { BAD_POOLS } from './bad-pools.ts'
import type { BadResource } from './resources.ts'

export const DOCUMENT = new URL('../../docs/bad-input.md', import.meta.url).pathname

const INTRO = `# Bad input

<!-- Made by \`npm run docs\` from the tables in test/bad-input; each row is a test. -->

What happens to broken resources, flags, frames and answers of the API server. In every case the last good state stays: addresses stay
with their Services, what is announced is announced on, and what is new and good is still served.`

/** docs/bad-input.md: the same tables that the tests run. */
export function renderDocument(): string {
  return `${[
    INTRO,
    section(
      'Resources',
      'The API server refuses most of these at `kubectl apply` ([crds.md](crds.md)); the programs refuse all of them again. ' +
        '`kubectl get configurationstates -n metallb-system` shows the message, and the programs log it once.',
      ['what', 'message'],
      [...BAD_POOLS, ...BAD_ADVERTISEMENTS, ...BAD_PEERS].map(({ what, says }: BadResource) => [what, says]),
    ),
    section(
      'Starts',
      'The program ends with status 1 and this line.',
      ['program', 'what', 'message'],
      BAD_STARTS.map(({ program, what, says }) => [program, what, says]),
    ),
    section(
      'Frames',
      'Never answered, never fatal; counted by reason.',
      ['what', 'reason', 'detail'],
      BAD_FRAMES.map(({ what, reason, says = '' }) => [what, reason, says]),
    ),
    section(
      'Answers of the API server',
      'Tried again with backoff until it works; logged as given.',
      ['what', 'log'],
      BAD_ANSWERS.map(({ what, says = '(nothing worth a line)' }) => [what, says]),
    ),
  ].join('\n\n')}\n`
}

function section(title: string, text: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [`## ${title}\n`, `${text}\n`, line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
