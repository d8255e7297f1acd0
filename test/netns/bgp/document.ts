import { ROUTER_KINDS, ROUTER_NAMES } from '../../routers/features.ts'
import { readResults, type Results } from './results.ts'

export const DOCUMENT = new URL('../../../docs/bgp-interop.md', import.meta.url).pathname

const INTRO = `# BGP with real routers

<!-- Made by \`npm run docs\` from test/netns/bgp/results.json, which a run of the tests with KEEP_RESULTS=1 writes. -->

Each row is a test that runs our BGP over TCP against the daemon itself, in network namespaces: \`npm test -- netns\`. What is said of routes
is read from the router. *yes* is a test that passed; a run that comes to anything else than this table fails. A number leads to what a
router lacks.`

/** docs/bgp-interop.md: the results of the last run that was kept. */
export function renderDocument(results: Results = readResults()): string {
  const features = Object.keys(results[ROUTER_KINDS[0]] ?? {})
  const notes: string[] = []
  const rows = features.map((feature) => {
    const cells = ROUTER_KINDS.map((kind) =>
      cellOf(`${ROUTER_NAMES[kind]}: `, results[kind]?.[feature] ?? 'not run', notes),
    )
    return line([feature, ...cells])
  })
  const head = ['what is shown', ...ROUTER_KINDS.map((kind) => ROUTER_NAMES[kind])]
  const list = notes.map((note, index) => `${index + 1}. ${note}`)
  return `${[INTRO, [line(head), line(head.map(() => '---')), ...rows].join('\n'), list.join('\n')].join('\n\n')}\n`
}

/** A refusal's reason stands below the table, once. */
function cellOf(prefix: string, outcome: string, notes: string[]): string {
  if (!outcome.startsWith('no: ')) return outcome
  const note = `${prefix}${outcome.slice('no: '.length)}`
  if (!notes.includes(note)) notes.push(note)
  return `no (${notes.indexOf(note) + 1})`
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
