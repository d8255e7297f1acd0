import type { Command } from '../command.ts'
import { explainingOf } from '../decide/explanation.ts'
import { poolLines } from '../decide/overview.ts'
import { DECIDING } from '../sources.ts'
import { poolsTable } from '../text/overview.ts'
import { unreadText } from './explain.ts'

export const POOLS: Command = {
  name: 'pools',
  usage: '',
  summary: 'Lists the pools: how full they are, whom they serve, what advertises them',
  details: '',
  options: {},
  arguments: [0, 0],
  run: async (context) => {
    const read = await context.read({ keys: DECIDING })
    const lines = poolLines(explainingOf(context.situation(read)))
    return { data: lines, text: (paint) => poolsTable(lines, paint) + unreadText(read.unread) }
  },
}
