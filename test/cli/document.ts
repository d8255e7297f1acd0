import { COMMANDS } from '../../cli/src/commands.ts'
import { commandHelp } from '../../cli/src/help.ts'
import type { Command } from '../../cli/src/command.ts'
import { EXPLAIN_SCENARIOS } from './explain-scenarios.ts'
import { readGolden } from './golden.ts'

export const DOCUMENT = new URL('../../docs/cli.md', import.meta.url).pathname

const INTRO = `# The command line

<!-- Made by \`npm run docs\` from test/cli/document.ts, the help of the commands, and the golden files in test/fixtures; all of it is tested. -->

\`steelyard\` looks at a cluster and tells why something does not answer. It is one file, \`dist/steelyard.mjs\` (\`npm run build\`), that needs
Node 24 and nothing else; as \`kubectl-steelyard\` in the \`PATH\` it is \`kubectl steelyard\`. It asks the API server and nothing else: no agent,
no port, no \`exec\`. What it says of a Service is decided by the same functions as in controller and speaker
([decision 0018](decisions/0018-cli-asks-the-cores.md)), so it cannot be of another opinion.

It reads lists only, and writes one thing: the annotation that \`maintenance\` sets. \`config/samples/viewer.yaml\` has the rights it needs; what is
missing is named, all at once.

It cannot see what only speakers tell each other: whether a node has lost one of the interfaces it had. Of an interface that no node has it knows
by the Event \`announceFailed\`.

## Exit status

| status | meaning |
|---|---|
| 0 | done; nothing wrong was found |
| 1 | something else went wrong; or \`plan\`: the configuration would be refused |
| 2 | \`plan\`: something would move or go; \`check\`: a fault; \`migrate --check\`: something stands in the way; \`explain\`: it does not answer |
| 3 | no kubeconfig that can be used, or the cluster does not answer |
| 4 | the cluster does not know you, or rights are missing |
| 5 | there is no such Service or Node |
| 64 | a command line or a file that cannot be read; a file is named with its line |

Errors are one line on standard error. Colours are for terminals; \`NO_COLOR\` switches them off. \`-o json\` and \`-o yaml\` print the same as a
value, with more in it than the table shows.

## Words that are its own

Reasons are those of Events, conditions and logs. These it adds:

| reason | meaning |
|---|---|
| \`NoPeer\` | the node may announce it, and no BGPPeer of the node is told: none selects the node, carries the family, or is named by the advertisement |
| \`StrictARPOff\` | kube-proxy in IPVS mode has the kernel of every node answer ARP for every address, as the speakers on them say (condition \`KernelAnswers\`), or its ConfigMap |
| \`Fenced\`, \`Doubting\`, \`Settling\` | what the speakers that may announce it say of themselves (\`standing\` in their SpeakerStatus) |
| \`announces\`, \`eligible\` | of a node: it answers; it would take over |`

/** Which golden files show a command. */
const EXAMPLES: Readonly<Record<string, readonly (readonly [line: string, golden: string])[]>> = {
  status: [['steelyard status', 'cli/status']],
  services: [
    ['steelyard services', 'cli/services'],
    ['steelyard services --problems', 'cli/services-problems'],
  ],
  pools: [['steelyard pools', 'cli/pools']],
  sessions: [['steelyard sessions', 'cli/sessions']],
  explain: [
    ['steelyard explain service shop/web', 'explain/answers-on-the-lan'],
    ['steelyard explain service shop/web', 'explain/local-without-endpoint'],
    ['steelyard explain service shop/web', 'explain/bgp-session-down'],
    ['steelyard explain address 192.168.67.120', 'cli/explain-address'],
  ],
  moves: [['steelyard moves', 'cli/moves']],
  maintenance: [
    ['steelyard maintenance worker-2', 'cli/maintenance'],
    ['steelyard maintenance worker-2 --off', 'cli/maintenance-off'],
  ],
  plan: [['steelyard plan -f pool.yaml', 'cli/plan']],
  check: [
    ['steelyard check', 'cli/check'],
    ['steelyard check --node', 'cli/check-node'],
  ],
  migrate: [['steelyard migrate --check', 'cli/migrate']],
  help: [['steelyard help', 'cli/help']],
}

/** docs/cli.md: the help of each command, and what it prints. */
export function renderDocument(): string {
  return `${[INTRO, ...COMMANDS.map(section), causes()].join('\n\n')}\n`
}

function section(command: Command): string {
  const examples = (EXAMPLES[command.name] ?? []).map(([line, golden]) => shown(line, readGolden(golden)))
  const help = commandHelp(command).split('\n\nOptions of all commands:')[0] ?? ''
  return [`## ${command.name}`, `\`\`\`text\n${help.trimEnd()}\n\`\`\``, ...examples].join('\n\n')
}

export function shown(line: string, output: string): string {
  return `\`\`\`console\n$ ${line}\n${output.trimEnd()}\n\`\`\``
}

function causes(): string {
  const rows = EXPLAIN_SCENARIOS.map(({ name, what, reason }) => {
    return `| ${what} | \`${reason}\` | [${name}](../test/fixtures/explain/${name}.txt) |`
  })
  return [
    '## Causes that explain tells',
    'Each is a test; the file is what the command prints.',
    ['| what is wrong | reason | output |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n')
}
