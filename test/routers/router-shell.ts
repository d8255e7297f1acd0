import type { Daemons } from './daemons.ts'
import { type Feature, featuresOf, lacks } from './features.ts'
import { type Router, type RouterKind, type RouterOptions, type RouterSession, UnsupportedError } from './router.ts'

/** What an adapter brings; the rest is the same for all. */
export type Adapter = Pick<
  Router,
  | 'sessions'
  | 'session'
  | 'routes'
  | 'paths'
  | 'refresh'
  | 'shutdown'
  | 'enable'
  | 'clear'
  | 'announce'
  | 'withdraw'
  | 'tell'
  | 'bfd'
> & { readonly start: () => Promise<void> }

/**
 * Starts the daemons and gives the router.
 * @throws UnsupportedError when the options ask for what this kind of router lacks
 */
export async function routerOf(
  kind: RouterKind,
  options: RouterOptions,
  daemons: Daemons,
  adapter: Adapter,
): Promise<Router> {
  try {
    for (const feature of options.neighbours.flatMap(featuresOf)) refuse(kind, feature)
    if (options.bfdPeers !== undefined) refuse(kind, 'BFD')
    await adapter.start()
  } catch (error) {
    await daemons.close()
    throw error
  }
  const { start, ...actions } = adapter
  return {
    ...actions,
    kind,
    name: options.name ?? kind,
    namespace: options.namespace,
    folder: daemons.folder,
    pause: () => daemons.signal('SIGSTOP'),
    resume: () => daemons.signal('SIGCONT'),
    stop: daemons.stop,
    kill: daemons.kill,
    restart: async () => {
      await daemons.stop()
      await start()
    },
    logs: daemons.logs,
    fullLog: daemons.fullLog,
    close: daemons.close,
  }
}

/** For routers that can be asked for all sessions only. */
export async function sessionAmong(
  sessions: readonly RouterSession[] | Promise<readonly RouterSession[]>,
  neighbour: string,
): Promise<RouterSession> {
  const all = await sessions
  const found = all.find((each) => each.neighbour === neighbour)
  if (found !== undefined) return found
  throw new Error(`the router has no neighbour ${neighbour}: ${all.map((each) => each.neighbour).join(', ')}`)
}

/** @throws UnsupportedError */
export function refuse(kind: RouterKind, feature: Feature): void {
  const why = lacks(kind, feature)
  if (why !== undefined) throw new UnsupportedError(kind, feature, why)
}
