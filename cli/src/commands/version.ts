import type { Command } from '../command.ts'
import { version } from '../version.ts'

export const VERSION: Command = {
  name: 'version',
  usage: '',
  summary: 'Tells the version of this program',
  details: '',
  options: {},
  arguments: [0, 0],
  run: () => ({ data: { version: version() }, text: () => `steelyard ${version()}\n` }),
}
