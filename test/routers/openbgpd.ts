import { listOf } from './absent.ts'
import { openDaemons } from './daemons.ts'
import { openbgpdConfig } from './openbgpd-config.ts'
import { type OpenbgpdNeighbour, openbgpdRoute, type OpenbgpdRoute, openbgpdSession } from './openbgpd-output.ts'
import type { Router, RouterOptions, RouterRoute, RouterSession } from './router.ts'
import { routerOf, sessionAmong } from './router-shell.ts'

/** Not FRR's, which is another file of the same name. */
export const OPENBGPD = '/usr/sbin/bgpd'
/** Its unprivileged parts chroot to a folder that systemd would have made. */
const WITH_ITS_FOLDER = ['sh', '-c', 'mount -t tmpfs tmpfs /run && mkdir /run/openbgpd && exec "$@"', 'sh']

export async function startOpenbgpd(options: RouterOptions): Promise<Router> {
  const daemons = openDaemons(options)
  const socket = daemons.path('bgpd.sock')
  const own = new Set<string>()
  const bgpctl = (...args: readonly string[]): Promise<string> => daemons.exec(['bgpctl', '-s', socket, ...args])
  const quiet = async (...args: readonly string[]): Promise<void> => void (await bgpctl(...args))
  const sessions = async (): Promise<readonly RouterSession[]> => {
    const shown = JSON.parse(await bgpctl('-j', 'show', 'neighbor')) as { neighbors?: readonly OpenbgpdNeighbour[] }
    return listOf(shown.neighbors).map((each) => openbgpdSession(each, daemons.fullLog()))
  }
  const routes = async (which: string): Promise<readonly RouterRoute[]> => {
    const shown = JSON.parse(await bgpctl('-j', 'show', 'rib', 'detail', which)) as { rib?: readonly OpenbgpdRoute[] }
    return listOf(shown.rib).map(openbgpdRoute)
  }
  return routerOf('openbgpd', options, daemons, {
    start: async () => {
      const config = daemons.write('bgpd.conf', openbgpdConfig(options, socket), 0o600)
      daemons.launch('openbgpd', [...WITH_ITS_FOLDER, OPENBGPD, '-d', '-v', '-f', config])
      await daemons.ready('OpenBGPD', async () => (await bgpctl('show', 'summary')).includes('Neighbor'))
      for (const prefix of own) await quiet('network', 'add', prefix)
    },
    sessions,
    session: (neighbour) => sessionAmong(sessions(), neighbour),
    routes: (family) => routes(family === 'ipv4' ? 'inet' : 'inet6'),
    paths: routes,
    refresh: (neighbour) => quiet('neighbor', neighbour, 'refresh'),
    shutdown: (neighbour, text) => quiet('neighbor', neighbour, 'down', ...(text === undefined ? [] : [text])),
    enable: (neighbour) => quiet('neighbor', neighbour, 'up'),
    clear: (neighbour) => quiet('neighbor', neighbour, 'clear'),
    announce: (prefix) => {
      own.add(prefix)
      return quiet('network', 'add', prefix)
    },
    withdraw: (prefix) => {
      own.delete(prefix)
      return quiet('network', 'delete', prefix)
    },
    tell: (command) => bgpctl(...command.split(' ')),
  })
}
