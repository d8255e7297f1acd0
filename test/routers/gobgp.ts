import { openDaemons } from './daemons.ts'
import { familyOf } from './frr.ts'
import { gobgpConfig } from './gobgp-config.ts'
import { type GobgpNeighbour, gobgpRoutes, gobgpSession, type GobgpTable } from './gobgp-output.ts'
import type { Router, RouterOptions } from './router.ts'
import { routerOf } from './router-shell.ts'

/** In a namespace of its own it can always have the same. */
const API_PORT = 50_051

export async function startGobgp(options: RouterOptions): Promise<Router> {
  const daemons = openDaemons(options)
  const gobgp = (...args: readonly string[]): Promise<string> =>
    daemons.exec(['gobgp', '-p', String(API_PORT), ...args])
  const own = new Set<string>()
  const add = async (prefix: string): Promise<void> =>
    void (await gobgp('global', 'rib', 'add', prefix, 'origin', 'igp', '-a', familyOf(prefix)))
  const neighbour = async (address: string, ...words: readonly string[]): Promise<void> =>
    void (await gobgp('neighbor', address, ...words))
  return routerOf('gobgp', options, daemons, {
    start: async () => {
      const config = daemons.write('gobgpd.toml', gobgpConfig(options))
      daemons.launch('gobgpd', [
        'gobgpd',
        '-f',
        config,
        '--api-hosts',
        `127.0.0.1:${API_PORT}`,
        '--log-plain',
        '-l',
        'debug',
      ])
      await daemons.ready('GoBGP', async () => (await gobgp('global')).includes(String(options.asn)))
      for (const prefix of own) await add(prefix)
    },
    sessions: async () =>
      (JSON.parse(await gobgp('-j', 'neighbor')) as GobgpNeighbour[]).map((each) =>
        gobgpSession(each, daemons.fullLog()),
      ),
    routes: async (family) => gobgpRoutes(JSON.parse(await gobgp('-j', 'global', 'rib', '-a', family)) as GobgpTable),
    refresh: (address) => neighbour(address, 'softresetin'),
    shutdown: (address, text) => neighbour(address, 'disable', ...(text === undefined ? [] : [`--reason=${text}`])),
    enable: (address) => neighbour(address, 'enable'),
    clear: (address) => neighbour(address, 'reset'),
    announce: (prefix) => {
      own.add(prefix)
      return add(prefix)
    },
    withdraw: async (prefix) => {
      own.delete(prefix)
      await gobgp('global', 'rib', 'del', prefix, '-a', familyOf(prefix))
    },
    tell: (command) => gobgp(...command.split(' ')),
  })
}
