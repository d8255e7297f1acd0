import { birdConfig, birdName } from './bird-config.ts'
import { birdBfdSessions, birdRoutes, birdSession } from './bird-output.ts'
import { openDaemons } from './daemons.ts'
import { familyOf } from './prefix-family.ts'
import type { Router, RouterOptions, RouterRoute, RouterSession } from './router.ts'
import { refuse, routerOf } from './router-shell.ts'

export async function startBird(options: RouterOptions): Promise<Router> {
  const daemons = openDaemons(options)
  const own = new Set<string>()
  const current = { options }
  const neighbours = options.neighbours.map(({ address = '' }, index) => ({ address, name: birdName(index) }))
  const tell = (command: string): Promise<string> => daemons.exec(['birdc', '-s', daemons.path('bird.ctl'), command])
  const nameOf = (address: string): string => neighbours.find((each) => each.address === address)?.name ?? address
  const writeConfig = (): string => daemons.write('bird.conf', birdConfig(current.options, own))
  const configure = async (): Promise<void> => {
    writeConfig()
    await tell('configure')
  }
  const session = async (address: string): Promise<RouterSession> => {
    const name = nameOf(address)
    return birdSession(address, { name, text: await tell(`show protocols all ${name}`), log: daemons.fullLog() })
  }
  const routes = async (command: string): Promise<readonly RouterRoute[]> =>
    birdRoutes(await tell(command), (protocol) => neighbours.find(({ name }) => name === protocol)?.address)
  return routerOf('bird', options, daemons, {
    start: async () => {
      daemons.launch('bird', ['bird', '-f', '-c', writeConfig(), '-s', daemons.path('bird.ctl')])
      await daemons.ready('BIRD', async () => (await tell('show status')).includes('Daemon is up and running'))
    },
    sessions: () => Promise.all(neighbours.map(({ address }) => session(address))),
    session,
    routes: (family) => routes(`show route all table master${family.slice(-1)}`),
    paths: (prefix) => routes(`show route all table master${familyOf(prefix).slice(-1)} where net = ${prefix}`),
    refresh: async (neighbour) => void (await tell(`reload in ${nameOf(neighbour)}`)),
    shutdown: async (neighbour, text) =>
      void (await tell(`disable ${nameOf(neighbour)}${text === undefined ? '' : ` "${text}"`}`)),
    enable: async (neighbour) => void (await tell(`enable ${nameOf(neighbour)}`)),
    clear: async (neighbour) => void (await tell(`restart ${nameOf(neighbour)}`)),
    announce: (prefix) => {
      own.add(prefix)
      return configure()
    },
    withdraw: (prefix) => {
      own.delete(prefix)
      return configure()
    },
    tell,
    bfd: {
      session: async (neighbour) =>
        birdBfdSessions(await tell('show bfd sessions')).find((each) => each.neighbour === neighbour),
      retune: (peers) => {
        current.options = { ...options, bfdPeers: peers }
        return configure()
      },
      setShut: async () => refuse('bird', 'BFD AdminDown'),
    },
  })
}
