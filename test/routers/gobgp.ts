import { openDaemons } from './daemons.ts'
import { gobgpConfig } from './gobgp-config.ts'
import { type GobgpNeighbour, gobgpRoutes, gobgpSession, type GobgpTable } from './gobgp-output.ts'
import { familyOf } from './prefix-family.ts'
import type { RouteFamily, Router, RouterOptions, RouterRoute, RouterSession } from './router.ts'
import { routerOf, sessionAmong } from './router-shell.ts'

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
  const sessions = async (): Promise<readonly RouterSession[]> => {
    const shown = JSON.parse(await gobgp('-j', 'neighbor')) as GobgpNeighbour[]
    return shown.map((each) => gobgpSession(each, daemons.fullLog()))
  }
  const routes = async (family: RouteFamily): Promise<readonly RouterRoute[]> =>
    gobgpRoutes(JSON.parse(await gobgp('-j', 'global', 'rib', '-a', family)) as GobgpTable)
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
    sessions,
    session: (address) => sessionAmong(sessions(), address),
    routes,
    paths: async (prefix) => (await routes(familyOf(prefix))).filter((route) => route.prefix === prefix),
    refresh: (address) => neighbour(address, 'softresetin'),
    // `disable` has no room for words; after a `shutdown` it comes back by itself.
    shutdown: (address, text) =>
      text === undefined ? neighbour(address, 'disable') : neighbour(address, 'shutdown', `--reason=${text}`),
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
