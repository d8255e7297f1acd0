import { type Command, type Context, type Output } from '../command.ts'
import { explainAddress } from '../decide/address-explanation.ts'
import { explainingOf, explainService } from '../decide/explanation.ts'
import { EXIT } from '../exit-codes.ts'
import { CliError } from '../failure.ts'
import { serviceAt, serviceKey } from '../service-argument.ts'
import { DECIDING } from '../sources.ts'
import { addressText } from '../text/address.ts'
import { explanationText } from '../text/explanation.ts'
import { parseAddress } from '@steelyard/net'

export const EXPLAIN: Command = {
  name: 'explain',
  usage: 'service [NAMESPACE/]NAME | address IP',
  summary: 'Tells why a Service or an address answers, or does not, and what to do',
  details: `Shows, in the words of controller and speakers: the pool and why it was chosen, or why none was; which
advertisements apply; of each node whether it may announce, and why not; who owns the address since when, its last move
and the cause of it; the routes, peers and sessions of BGP. Exit status 2: it does not answer.`,
  options: {},
  arguments: [2, 2],
  run: (context) => {
    const [what = '', name = ''] = context.arguments
    if (what === 'service' || what === 'svc') return explainOne(context, name)
    if (what === 'address' || what === 'ip') return explainIp(context, name)
    throw new CliError(EXIT.usage, `explain ${JSON.stringify(what)} is none of service, address`)
  },
}

async function explainOne(context: Context, name: string): Promise<Output> {
  const { namespace } = await context.connection()
  const key = serviceKey(name, namespace)
  const serviceNamespace = key.slice(0, key.indexOf('/'))
  const read = await context.read({ keys: [...DECIDING, 'systemConfigMaps', 'events'], serviceNamespace })
  const about = read.objects.events.filter(
    ({ involvedObject }) => involvedObject?.kind === 'Service' && `${serviceNamespace}/${involvedObject.name}` === key,
  )
  const events = about.toSorted((a, b) => ((a.lastTimestamp ?? '') < (b.lastTimestamp ?? '') ? -1 : 1))
  const explaining = explainingOf(context.situation({ ...read, objects: { ...read.objects, events } }))
  const explanation = explainService(explaining, serviceAt(explaining.situation.views, key))
  return {
    data: explanation,
    text: (paint) => explanationText(explanation, paint, context.ports.now()) + unreadText(read.unread),
    exitCode: explanation.verdict === 'doesNotAnswer' ? EXIT.finding : EXIT.fine,
  }
}

/** What could not be looked at may be what is wrong. */
export function unreadText(unread: readonly { readonly why: string }[]): string {
  return unread.map(({ why }) => `\nNot looked at: ${why}\n`).join('')
}

async function explainIp(context: Context, text: string): Promise<Output> {
  const address = parseAddress(text)
  if (address === undefined) throw new CliError(EXIT.usage, `${JSON.stringify(text)} is no IP address`)
  const read = await context.read({ keys: [...DECIDING, 'systemConfigMaps'] })
  const explanation = explainAddress(explainingOf(context.situation(read)), address)
  return {
    data: explanation,
    text: (paint) => addressText(explanation, paint, context.ports.now()) + unreadText(read.unread),
    exitCode: explanation.verdict === 'answers' ? EXIT.fine : EXIT.finding,
  }
}
