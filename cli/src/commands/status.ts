import type { Command } from '../command.ts'
import { explainingOf, explainService } from '../decide/explanation.ts'
import { configurationLines, poolLines, sessionLines, speakerLines } from '../decide/overview.ts'
import { conflictsOf } from '../decide/speaker-reports.ts'
import { DECIDING } from '../sources.ts'
import { statusText } from '../text/overview.ts'
import { unreadText } from './explain.ts'

export const STATUS: Command = {
  name: 'status',
  usage: '',
  summary: 'Shows the cluster at a glance: speakers, pools with their use, BGP sessions, conflicts, what is wrong',
  details: '',
  options: {},
  arguments: [0, 0],
  run: async (context) => {
    const read = await context.read({ keys: [...DECIDING, 'systemConfigMaps'] })
    const explaining = explainingOf(context.situation(read))
    const { situation } = explaining
    const services = [...situation.views.values()].filter(({ isLoadBalancer }) => isLoadBalancer)
    const wrong = services
      .map((view) => explainService(explaining, view))
      .filter(({ verdict }) => verdict !== 'answers')
      .map(({ service, verdict, findings }) => ({ service, verdict, reason: findings[0]?.reason ?? '' }))
    const data = {
      speakers: speakerLines(situation),
      pools: poolLines(explaining),
      sessions: sessionLines(situation),
      conflicts: conflictsOf(situation.objects.speakerStatuses),
      configuration: configurationLines(situation),
      services: { count: services.length, wrong },
    }
    return { data, text: (paint) => statusText(data, paint, context.ports.now()) + unreadText(read.unread) }
  },
}
