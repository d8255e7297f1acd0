import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { openDaemons, type Daemons } from './daemons.ts'
import { exabgpConfig } from './exabgp-config.ts'
import { type ExabgpView, familyRoutes, readExabgp } from './exabgp-output.ts'
import { refuse, routerOf, sessionAmong } from './router-shell.ts'
import type { NeighbourOptions, Router, RouterOptions, RouterSession } from './router.ts'

/** Cease (RFC 4486): what `teardown` is told. */
const ADMINISTRATIVE_SHUTDOWN = 2
const ADMINISTRATIVE_RESET = 4

export async function startExabgp(options: RouterOptions): Promise<Router> {
  const daemons = openDaemons(options)
  const commands = daemons.path('commands')
  const heard = daemons.path('heard.json')
  const own = new Set<string>()
  const view = (): ExabgpView => readExabgp(existsSync(heard) ? readFileSync(heard, 'utf8') : '')
  const tell = async (command: string): Promise<string> => {
    appendFileSync(commands, `${command}\n`)
    return ''
  }
  return routerOf('exabgp', options, daemons, {
    start: async () => {
      daemons.write('commands', [...own].map((prefix) => `${announcement('announce', prefix)}\n`).join(''))
      const program = daemons.write('listener', listenerText(commands, heard), 0o755)
      launch(options, daemons, daemons.write('exabgp.conf', exabgpConfig(options, program)))
      await daemons.ready('ExaBGP', () => daemons.fullLog().includes('loaded new configuration successfully'))
    },
    sessions: async () => options.neighbours.map((neighbour) => sessionOf(view(), neighbour)),
    session: (neighbour) =>
      sessionAmong(
        options.neighbours.map((each) => sessionOf(view(), each)),
        neighbour,
      ),
    routes: async (family) => familyRoutes(view(), family),
    paths: async (prefix) => [...view().routes.values()].filter((route) => route.prefix === prefix),
    refresh: async (neighbour) => {
      const { families = [] } = options.neighbours.find(({ address }) => address === neighbour) ?? {}
      for (const family of families) await tell(`neighbor ${neighbour} announce route-refresh ${family} unicast`)
    },
    shutdown: async (neighbour, text) => {
      if (text !== undefined) refuse('exabgp', 'shutdown communication sent')
      await tell(`neighbor ${neighbour} teardown ${ADMINISTRATIVE_SHUTDOWN}`)
    },
    // It comes back by itself after a teardown.
    enable: async () => {},
    clear: async (neighbour) => void (await tell(`neighbor ${neighbour} teardown ${ADMINISTRATIVE_RESET}`)),
    announce: async (prefix) => {
      own.add(prefix)
      await tell(announcement('announce', prefix))
    },
    withdraw: async (prefix) => {
      own.delete(prefix)
      await tell(announcement('withdraw', prefix))
    },
    tell,
  })
}

function announcement(word: 'announce' | 'withdraw', prefix: string): string {
  return `${word} route ${prefix} next-hop self`
}

/** ExaBGP speaks to a program's stdin and listens to its stdout: files on this side of both. */
function listenerText(commands: string, heard: string): string {
  return `#!/bin/sh\ntail -s 0.05 -n +1 -f ${commands} &\nexec cat >> ${heard}\n`
}

function launch({ neighbours }: RouterOptions, daemons: Daemons, config: string): void {
  const addresses = neighbours.flatMap(({ localAddress }) => (localAddress === undefined ? [] : [localAddress]))
  // With underscores: a shell passes on no name with a dot in it.
  daemons.launch('exabgp', ['exabgp', config], {
    exabgp_daemon_user: 'root',
    exabgp_api_cli: 'false',
    exabgp_tcp_bind: [...new Set(addresses)].join(' '),
    exabgp_tcp_delay: '0',
    exabgp_log_destination: 'stdout',
    exabgp_log_level: 'INFO',
    PYTHONUNBUFFERED: '1',
  })
}

function sessionOf(view: ExabgpView, { address = '' }: NeighbourOptions): RouterSession {
  return (
    view.sessions.get(address) ?? {
      neighbour: address,
      state: 'idle',
      flaps: 0,
      uptimeSeconds: undefined,
      capabilities: [],
      holdSeconds: undefined,
      lastError: undefined,
    }
  )
}
