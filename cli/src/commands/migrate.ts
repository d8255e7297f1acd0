import type { Command } from '../command.ts'
import { takeoverOf } from '../decide/takeover.ts'
import { EXIT } from '../exit-codes.ts'
import { CliError } from '../failure.ts'
import { readForeign } from '../foreign.ts'
import { DECIDING } from '../sources.ts'
import { checksText } from '../text/checks.ts'

export const MIGRATE: Command = {
  name: 'migrate',
  usage: '--check',
  summary: 'Tells what a takeover from MetalLB finds: what stays, what is ignored, the steps, and the way back',
  details: `Changes nothing. Whether each Service keeps its address is asked of the allocator of the controller itself.
Exit status 2: something stands in the way.`,
  options: { check: { type: 'boolean', help: 'needed, so that nobody expects more of it' } },
  arguments: [0, 0],
  run: async (context) => {
    if (context.values['check'] !== true) {
      throw new CliError(
        EXIT.usage,
        'migrate only looks: steelyard migrate --check; the steps it tells are yours to take',
      )
    }
    const read = await context.read({ keys: DECIDING })
    const foreign = await readForeign((await context.connection()).api, context.namespace)
    const takeover = takeoverOf({
      situation: context.situation(read),
      foreign: foreign.objects,
      unread: foreign.unread,
    })
    return {
      data: takeover,
      text: (paint) =>
        [
          checksText(takeover.findings, paint),
          `\nSteps\n${numbered(takeover.steps)}`,
          `\nThe way back\n${numbered(takeover.wayBack)}`,
        ].join(''),
      exitCode: takeover.ready ? EXIT.fine : EXIT.finding,
    }
  },
}

function numbered(lines: readonly string[]): string {
  return lines.map((line, at) => `  ${at + 1}. ${line}\n`).join('')
}
