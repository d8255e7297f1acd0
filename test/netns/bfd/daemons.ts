import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../link/speaker-node.ts'

const FRR = '/usr/lib/frr'
const BIRD = '/usr/sbin/bird'

/** A router's BFD daemon in a namespace. */
export type Daemon = {
  /** Runs one command of the daemon's own client. */
  readonly ask: (command: string) => string
  readonly close: () => void
}

export type Bird = Daemon & { readonly configure: (config: string) => void }

/** Why the daemons cannot run here, or undefined. */
export function daemonsProblem(): string | undefined {
  const missing = [`${FRR}/bfdd`, BIRD, '/usr/bin/vtysh'].filter((path) => spawnSync(path, ['--version']).error)
  return missing.length === 0 ? undefined : `missing: ${missing.join(' ')}; install the packages frr and bird2`
}

/** @returns what ends it. */
function run(namespace: string, program: string, ...args: readonly string[]): () => void {
  const child = spawn('ip', ['netns', 'exec', namespace, program, ...args], { stdio: 'ignore' })
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  return () => {
    process.off('exit', end)
    end()
  }
}

/** @param config what stands between `bfd` and its end */
export async function startFrr(namespace: string, config: string): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'frr-'))
  writeFileSync(join(folder, 'zebra.conf'), '')
  writeFileSync(join(folder, 'bfdd.conf'), `bfd\n${config}\nexit\n`)
  execFileSync('chown', ['-R', 'frr:frr', folder])
  chmodSync(folder, 0o755)
  const at = (name: string): string => join(folder, name)
  const common = (name: string): string[] => {
    const [config, pid] = [at(`${name}.conf`), at(`${name}.pid`)]
    return ['-f', config, '-i', pid, '-z', at('zserv.api'), '--vty_socket', folder]
  }
  const zebra = run(namespace, `${FRR}/zebra`, ...common('zebra'))
  const vtysh = (command: string): string => {
    const args = ['--vty_socket', folder, ...command.split('\n').flatMap((line) => ['-c', line])]
    return spawnSync('vtysh', args, { encoding: 'utf8' }).stdout
  }
  await eventually('zebra answers', () => vtysh('show version').includes('FRR'))
  const bfdd = run(namespace, `${FRR}/bfdd`, ...common('bfdd'), '--bfdctl', at('bfdd.sock'))
  await eventually('bfdd answers', () => vtysh('show bfd peers json').startsWith('['))
  return {
    ask: vtysh,
    close: () => {
      bfdd()
      zebra()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @param config what follows the router id and the device protocol */
export async function startBird(namespace: string, config: string): Promise<Bird> {
  const folder = mkdtempSync(join(tmpdir(), 'bird-'))
  const [file, socket] = [join(folder, 'bird.conf'), join(folder, 'bird.ctl')]
  const write = (text: string): void => writeFileSync(file, `router id 192.0.2.2;\nprotocol device {}\n${text}\n`)
  write(config)
  const bird = run(namespace, BIRD, '-f', '-c', file, '-s', socket)
  const ask = (command: string): string =>
    spawnSync('birdc', ['-s', socket, ...command.split(' ')], { encoding: 'utf8' }).stdout
  await eventually('bird answers', () => ask('show status').includes('Daemon is up'))
  return {
    ask,
    configure: (text) => {
      write(text)
      ask('configure')
    },
    close: () => {
      bird()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What BIRD says of its sessions, such as `192.0.2.1 e0 Up 0.100 0.500`: address, interface, state, interval, timeout in seconds. */
export function birdSessions({ ask }: Daemon): string[] {
  return ask('show bfd sessions')
    .split('\n')
    .filter((line) => /^[0-9a-f.:]+ /.test(line))
    .map((line) => line.trim().split(/\s+/))
    .map(([address, name, state, , interval, timeout]) => [address, name, state, interval, timeout].join(' '))
}

/** What FRR says of a peer. */
export type FrrPeer = {
  readonly peer: string
  readonly status: 'up' | 'down' | 'init' | 'shutdown'
  readonly diagnostic: string
  readonly 'remote-diagnostic': string
  readonly 'receive-interval': number
  readonly 'transmit-interval': number
  readonly 'echo-transmit-interval': number
  readonly 'detect-multiplier': number
  readonly 'remote-receive-interval': number
  readonly 'remote-transmit-interval': number
  readonly 'remote-echo-receive-interval': number
  readonly 'remote-detect-multiplier': number
  readonly 'passive-mode': boolean
}

export function frrPeer({ ask }: Daemon, peer: string): FrrPeer | undefined {
  return (JSON.parse(ask('show bfd peers json')) as FrrPeer[]).find((one) => one.peer === peer)
}

/** What FRR counts of a peer, such as `session-down` and `control-packet-input`. */
export function frrCounters({ ask }: Daemon, peer: string): Readonly<Record<string, number>> {
  const all = JSON.parse(ask('show bfd peers counters json')) as Readonly<Record<string, number>>[]
  return all.find((one) => String(one['peer']) === peer) ?? {}
}
