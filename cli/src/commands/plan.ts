import { type Command, type Context, listValue, type Output, textValue } from '../command.ts'
import { type Change, inNamespace } from '../decide/change-set.ts'
import type { ClusterObjects } from '../decide/cluster-objects.ts'
import { plan } from '../decide/plan.ts'
import { EXIT } from '../exit-codes.ts'
import { CliError } from '../failure.ts'
import { readManifests, readState } from '../manifest-files.ts'
import { DECIDING } from '../sources.ts'
import { planText } from '../text/plan.ts'

export const PLAN: Command = {
  name: 'plan',
  usage: '-f FILE… [--delete FILE…] [--state FILE]',
  summary: 'Tells what addresses and announcements would change if files were applied; changes nothing',
  details: `Files and folders of YAML or JSON, "-" for standard input, are taken as kubectl apply would take them, one object after
the other, then those of --delete are deleted. What comes of it is decided by the allocator of the controller and by the
decisions of the speakers themselves. Against the cluster, or against a --state that kubectl get -o yaml printed.
Exit status 2: an address would move to another node, be taken from a Service, or no longer be announced.`,
  options: {
    filename: { type: 'string', short: 'f', multiple: true, placeholder: 'FILE', help: 'what would be applied' },
    delete: { type: 'string', multiple: true, placeholder: 'FILE', help: 'what would be deleted' },
    state: { type: 'string', placeholder: 'FILE', help: 'the cluster as files have it; nobody is asked then' },
  },
  arguments: [0, Number.POSITIVE_INFINITY],
  run: async (context) => {
    const changes = await readChanges(context)
    const state = textValue(context, 'state')
    return state === undefined ? online(context, changes) : offline(context, changes, state)
  },
}

/** A shell unfolds `-f *.yaml` to one option and many arguments. */
async function readChanges(context: Context): Promise<readonly Change[]> {
  const [apply, remove] = [[...listValue(context, 'filename'), ...context.arguments], listValue(context, 'delete')]
  if (apply.length + remove.length === 0) throw new CliError(EXIT.usage, 'plan needs files: steelyard plan -f FILE')
  const applied = (await readManifests(context.ports, apply)).map((object): Change => ({ kind: 'apply', object }))
  const deleted = (await readManifests(context.ports, remove)).map((object): Change => ({ kind: 'delete', object }))
  return [...applied, ...deleted]
}

async function offline(context: Context, changes: readonly Change[], state: string): Promise<Output> {
  const objects = await readState(context.ports, state, context.namespace)
  // Passwords are seldom written into files.
  const secretsUnknown = objects.secrets.length === 0
  return planned(context, objects, changes, { home: 'default', secretsUnknown })
}

async function online(context: Context, changes: readonly Change[]): Promise<Output> {
  const { namespace: home } = await context.connection()
  const { objects, unread } = await context.read({ keys: DECIDING })
  const secretsUnknown = unread.some(({ key }) => key === 'secrets')
  return planned(context, objects, changes, { home, secretsUnknown })
}

function planned(
  context: Context,
  objects: ClusterObjects,
  changes: readonly Change[],
  { home, secretsUnknown }: { readonly home: string; readonly secretsUnknown: boolean },
): Output {
  const placed = changes.map((change) => ({ ...change, object: inNamespace(change.object, home) }))
  const result = plan(objects, placed, {
    namespace: context.namespace,
    loadBalancerClass: textValue(context, 'lb-class'),
    secretsUnknown,
  })
  const exitCode = result.moves ? EXIT.finding : result.refused.length > 0 ? EXIT.failed : EXIT.fine
  return { data: result, text: (paint) => planText(result, paint), exitCode }
}
