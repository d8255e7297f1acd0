import type { Command } from '../command.ts'
import { mergedMoves } from '../decide/moves.ts'
import { movesTable } from '../text/moves.ts'

export const MOVES: Command = {
  name: 'moves',
  usage: '',
  summary: 'Lists the last moves of addresses between nodes, the latest first, each with its cause',
  details: 'What the causes mean is in docs/failover.md. Each speaker keeps its last 50.',
  options: {},
  arguments: [0, 0],
  run: async (context) => {
    const read = await context.read({ keys: ['speakerStatuses'], required: ['speakerStatuses'] })
    const moves = mergedMoves(read.objects.speakerStatuses)
    return { data: moves, text: () => movesTable(moves, context.ports.now()) }
  },
}
