import { NEXT, type BfdState } from '@steelyard/bfd'
import { ABSENT, CONFORMANCE, SITUATIONS } from '../../packages/bgp-ts/src/session/conformance-table.ts'
import { ERROR_TABLE } from '../../packages/bgp-ts/src/session/error-table.ts'
import { describeNotification, notificationOf } from '@steelyard/bgp-ts'

export const DOCUMENT = new URL('../../docs/bgp-conformance.md', import.meta.url).pathname

const INTRO = `# BGP and BFD, state by state

<!-- Made by \`npm run docs\` from the tables that the tests hold the machines against. -->

What each event does in each state of a BGP session (RFC 4271 section 8), what each mistake of a peer is answered with, and what a BFD packet makes of a
BFD session (RFC 5880 section 6.2). The tests of \`packages/bgp-ts\` and \`packages/bfd\` play every cell.`

const MACHINE = `## The BGP session

The next state, then what is done, in order; *–* is nothing. \`idleHold\` is Idle while the session waits before it tries again. A number is
the event's in RFC 4271 section 8.1.`

const REFUSALS = `## What a peer is told

Each row is provoked through a whole session.`

const BFD = `## The BFD session

Rows are our state, columns the state that the packet says the peer is in.`

/** docs/bgp-conformance.md. */
export function renderDocument(): string {
  const events = CONFORMANCE.map(({ number, name, means, outcomes }) => [
    `${number === undefined ? '' : `${number} `}${name}: ${means}`,
    ...SITUATIONS.map((situation) => outcomes[situation] ?? '–'),
  ])
  const absent = ABSENT.map(({ number, name, why }) => `- ${number} ${name}: ${why}`)
  const errors = ERROR_TABLE.map((row) => [
    row.when,
    row.in,
    describeNotification(notificationOf(row.code, row.subcode)).split(': ')[0] ?? '',
  ])
  const states = Object.keys(NEXT) as BfdState[]
  const bfd = states.map((ours) => [ours, ...states.map((theirs) => NEXT[ours][theirs])])
  return `${[
    INTRO,
    MACHINE,
    table(['event', ...SITUATIONS], events),
    `Events that RFC 4271 makes optional, and that there are not here:\n\n${absent.join('\n')}`,
    REFUSALS,
    table(['the peer', 'while', 'is told'], errors),
    BFD,
    table(['', ...states], bfd),
  ].join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
