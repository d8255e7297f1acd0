import type { Command } from '../command.ts'
import { sessionLines } from '../decide/overview.ts'
import { sessionsTable } from '../text/overview.ts'

export const SESSIONS: Command = {
  name: 'sessions',
  usage: '',
  summary: 'Lists the BGP sessions of all nodes: state, prefixes, BFD, why they are down',
  details: '',
  options: {},
  arguments: [0, 0],
  run: async (context) => {
    const read = await context.read({ keys: ['speakerStatuses'], required: ['speakerStatuses'] })
    const lines = sessionLines(read)
    const now = context.ports.now()
    return { data: lines, text: (paint) => sessionsTable(lines, paint, now) }
  },
}
