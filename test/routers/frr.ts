import { openDaemons, type Daemons } from './daemons.ts'
import { bfdLines, bfdProfileLines, frrBfdConfig, frrConfig } from './frr-config.ts'
import {
  type FrrBfdCounters,
  type FrrBfdPeer,
  frrBfdSession,
  type FrrNeighbour,
  type FrrPrefix,
  frrRoutes,
  frrSession,
  type FrrTable,
  frrValues,
} from './frr-output.ts'
import { familyOf } from './prefix-family.ts'
import type {
  BfdPeerOptions,
  RouteFamily,
  Router,
  RouterBfd,
  RouterOptions,
  RouterRoute,
  RouterSession,
} from './router.ts'
import { routerOf, sessionAmong } from './router-shell.ts'

const FOLDER = '/usr/lib/frr'
/** vtysh takes any number of commands; this many prefixes are asked for at a time. */
const BATCH = 200

/** FRR: zebra, bgpd and, where a neighbour wants BFD, bfdd. */
export async function startFrr(options: RouterOptions): Promise<Router> {
  const daemons = openDaemons(options)
  const vtysh = frrShell(daemons)
  const current = { options }
  const configure = (...commands: readonly string[]): Promise<string> => vtysh('configure terminal', ...commands)
  const bgp = `router bgp ${options.asn}`
  return routerOf('frr', options, daemons, {
    start: () => startAll(current.options, daemons, vtysh),
    sessions: () => frrSessions(vtysh, ''),
    session: async (neighbour) => sessionAmong(frrSessions(vtysh, neighbour), neighbour),
    routes: (family) => readRoutes(vtysh, family),
    paths: (prefix) => readPaths(vtysh, familyOf(prefix), [prefix]),
    refresh: async (neighbour) => void (await vtysh(`clear bgp ${neighbour} soft in`)),
    shutdown: async (neighbour, text) =>
      void (await configure(bgp, `neighbor ${neighbour} shutdown${text === undefined ? '' : ` message ${text}`}`)),
    enable: async (neighbour) => void (await configure(bgp, `no neighbor ${neighbour} shutdown`)),
    clear: async (neighbour) => void (await vtysh(`clear bgp ${neighbour}`)),
    announce: async (prefix) =>
      void (await configure(bgp, `address-family ${familyOf(prefix)} unicast`, `network ${prefix}`)),
    withdraw: async (prefix) =>
      void (await configure(bgp, `address-family ${familyOf(prefix)} unicast`, `no network ${prefix}`)),
    tell: vtysh,
    bfd: frrBfd(vtysh, (bfdPeers) => (current.options = { ...options, bfdPeers })),
  })
}

/** @param keep notes the numbers for the next start */
function frrBfd(vtysh: Vtysh, keep: (peers: readonly BfdPeerOptions[]) => void): RouterBfd {
  const configure = (lines: readonly string[]): Promise<string> => vtysh('configure terminal', 'bfd', ...lines)
  return {
    session: async (neighbour) => {
      const shown = await vtysh('show bfd peers json', 'show bfd peers counters json')
      const [all = [], counters = []] = frrValues(shown) as [FrrBfdPeer[]?, FrrBfdCounters[]?]
      return frrBfdSession(neighbour, all, counters)
    },
    retune: async (peers) => {
      keep(peers)
      await configure(peers.flatMap((peer) => bfdProfileLines(peer, peer)))
    },
    setShut: async (neighbour, isShut) => void (await configure(bfdLines({ address: neighbour }, !isShut))),
  }
}

type Vtysh = (...commands: readonly string[]) => Promise<string>

function frrShell(daemons: Daemons): Vtysh {
  return (...commands) =>
    daemons.exec(['vtysh', '--vty_socket', daemons.folder, ...commands.flatMap((command) => ['-c', command])])
}

async function startAll(options: RouterOptions, daemons: Daemons, vtysh: Vtysh): Promise<void> {
  // The daemons run as this user, and their sockets are here.
  await daemons.exec(['chown', 'frr:frr', daemons.folder])
  const bfd = frrBfdConfig(options)
  const files = {
    zebra: `hostname ${options.name ?? 'frr'}\nlog stdout\n`,
    ...(bfd === undefined ? {} : { bfdd: bfd }),
    bgpd: frrConfig(options),
  }
  for (const [name, config] of Object.entries(files)) {
    launch(daemons, name, config, name === 'bgpd' && options.installRoutes !== true ? ['--no_kernel'] : [])
    await daemons.ready(
      `${name} of FRR`,
      async () => !/is not running/.test(await vtysh(`show version`)) && (await answers(daemons, name)),
    )
  }
}

function launch(daemons: Daemons, name: string, config: string, more: readonly string[]): void {
  const { folder, path, write } = daemons
  const where = ['-f', write(`${name}.conf`, config), '-i', path(`${name}.pid`), '-z', path('zserv.api')]
  daemons.launch(name, [`${FOLDER}/${name}`, ...where, '--vty_socket', folder, '--log', 'stdout', ...more])
}

async function answers(daemons: Daemons, name: string): Promise<boolean> {
  return (await daemons.exec(['vtysh', '--vty_socket', daemons.folder, '-d', name, '-c', 'show version'])).includes(
    'FRR',
  )
}

async function frrSessions(vtysh: Vtysh, neighbour: string): Promise<RouterSession[]> {
  const [shown = {}] = frrValues(await vtysh(`show bgp neighbors ${neighbour} json`)) as [Record<string, FrrNeighbour>?]
  return Object.entries(shown).map(([name, each]) => frrSession(name, each))
}

async function readRoutes(vtysh: Vtysh, family: RouteFamily): Promise<RouterRoute[]> {
  const [table = {}] = frrValues(await vtysh(`show bgp ${family} unicast json`)) as [FrrTable?]
  const prefixes = Object.keys(table.routes ?? {})
  const found: RouterRoute[] = []
  for (let at = 0; at < prefixes.length; at += BATCH) {
    found.push(...(await readPaths(vtysh, family, prefixes.slice(at, at + BATCH))))
  }
  return found
}

async function readPaths(vtysh: Vtysh, family: RouteFamily, prefixes: readonly string[]): Promise<RouterRoute[]> {
  const shown = frrValues(await vtysh(...prefixes.map((prefix) => `show bgp ${family} unicast ${prefix} json`)))
  return (shown as FrrPrefix[]).flatMap((each) => frrRoutes(each.prefix ?? '', each))
}
