import { type Api, memoryApi, type MemoryCluster } from '@steelyard/kube'
import { run } from '../../cli/src/run.ts'
import type { Host, Ports } from '../../cli/src/ports.ts'
import { NOW } from './scene.ts'

/** What a command printed, and its exit status. */
export type Result = { readonly exitCode: number; readonly out: string; readonly err: string }

export type World = {
  readonly api?: Api
  readonly cluster?: MemoryCluster
  /** By path; a folder is a path that others begin with. */
  readonly files?: Readonly<Record<string, string>>
  readonly host?: Partial<Host>
  readonly env?: Ports['env']
  readonly isTerminal?: boolean
  readonly connect?: Ports['connect']
}

/** Runs the command as `main.ts` does, on a cluster in memory and a clock that stands. */
export async function command(world: World, ...argv: readonly string[]): Promise<Result> {
  const [out, err]: [string[], string[]] = [[], []]
  const { files = {}, env = {}, isTerminal = false } = world
  const api = world.api ?? memoryApi(world.cluster === undefined ? {} : { cluster: world.cluster })
  const exitCode = await run(argv, {
    env,
    isTerminal,
    now: () => NOW,
    connect: world.connect ?? (async () => ({ api, namespace: 'default', server: 'memory', close: () => {} })),
    readFile: async (path) => {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return text
    },
    listFolder: async (path) => {
      const within = Object.keys(files).filter((name) => name.startsWith(`${path}/`))
      return within.length === 0 ? undefined : within.toSorted()
    },
    host: { readText: () => undefined, list: () => [], run: async () => undefined, ...world.host },
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  })
  return { exitCode, out: out.join(''), err: err.join('') }
}
