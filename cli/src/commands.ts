import type { Command } from './command.ts'
import { CHECK } from './commands/check.ts'
import { completionCommand } from './commands/completion.ts'
import { EXPLAIN } from './commands/explain.ts'
import { MAINTENANCE } from './commands/maintenance.ts'
import { MIGRATE } from './commands/migrate.ts'
import { MOVES } from './commands/moves.ts'
import { PLAN } from './commands/plan.ts'
import { POOLS } from './commands/pools.ts'
import { SERVICES } from './commands/services.ts'
import { SESSIONS } from './commands/sessions.ts'
import { STATUS } from './commands/status.ts'
import { VERSION } from './commands/version.ts'
import { overview } from './help.ts'

const HELP: Command = {
  name: 'help',
  usage: '',
  summary: 'Lists the commands',
  details: '',
  options: {},
  arguments: [0, 0],
  run: () => ({
    data: COMMANDS.map(({ name, usage, summary }) => ({ name, usage, summary })),
    text: () => overview(COMMANDS),
  }),
}

/** All there are, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  STATUS,
  SERVICES,
  POOLS,
  SESSIONS,
  EXPLAIN,
  MOVES,
  MAINTENANCE,
  PLAN,
  CHECK,
  MIGRATE,
  completionCommand(() => COMMANDS),
  VERSION,
  HELP,
]
