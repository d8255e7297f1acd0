import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import { type Binaries, findBinaries } from './binaries.ts'
import { type Child, startChild } from './child.ts'
import { patience } from './wait.ts'

export type ApiServerOptions = {
  /** Where data, certificates and logs go; a throw-away folder when left out. */
  readonly dir?: string
  /** Put before every command: `['ip', 'netns', 'exec', ns]` runs it all inside a network namespace. */
  readonly commandPrefix?: readonly string[]
  /** Where the API server listens; anything but loopback is also what the `kubernetes` Service points at. */
  readonly address?: string
  /** Free ones when left out; a namespace has its ports to itself and may fix them. */
  readonly ports?: { readonly api: number; readonly etcd: number; readonly etcdPeer: number }
  readonly serviceClusterIpRange?: string
  /** Further flags of kube-apiserver. */
  readonly apiServerFlags?: readonly string[]
  /** Further users, as lines of a token file: `token,user,uid,"group,group"`. */
  readonly tokens?: readonly string[]
  /** Looked for, and built where there are none, when left out. */
  readonly binaries?: Binaries
  /** Told the number of every process as it starts; each leads a process group. */
  readonly onStart?: ((pid: number) => void) | undefined
  readonly log?: (line: string) => void
}

export type ApiServer = {
  readonly url: string
  readonly dir: string
  /** Where etcd's own API answers, over plain HTTP. */
  readonly etcdUrl: string
  /** Of an administrator (`system:masters`). */
  readonly kubeconfigPath: string
  readonly adminToken: string
  /** The certificate that signs the server's own, in PEM. */
  readonly caFile: string
  /** Private key of the service-account tokens, which kube-controller-manager wants too. */
  readonly serviceAccountKeyFile: string
  /** Writes a kubeconfig for a token, and says where. */
  readonly writeKubeconfig: (name: string, token: string) => string
  readonly kubectl: (...args: readonly string[]) => Promise<string>
  /** The API server goes away, its state stays. */
  readonly stopServer: () => Promise<void>
  /** It comes back; resolves when it is ready. */
  readonly startServer: () => Promise<void>
  /** Its process, for signals; a new one after `startServer`. */
  readonly process: () => Child
  /** Ends all of it and removes a throw-away folder. */
  readonly stop: () => Promise<void>
}

const SECONDS_TO_START = 60

type Setup = Required<ApiServerOptions> & { readonly throwAway: boolean; readonly adminToken: string }

/**
 * A real etcd and kube-apiserver with RBAC, self-signed TLS and a token for an administrator. Rejects,
 * with the end of the log, when one of them does not come up.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const setup = await complete(options)
  writeKeys(setup)
  const running: { etcd: Child; server: Child | undefined } = { etcd: startEtcd(setup), server: undefined }
  const startServer = async (): Promise<void> => {
    running.server = startKubeApiServer(setup)
    await ready(setup, [running.etcd, running.server])
  }
  const stop = async (): Promise<void> => {
    await running.server?.stop()
    await running.etcd.stop()
    if (setup.throwAway) rmSync(setup.dir, { recursive: true, force: true })
  }
  try {
    await startServer()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ...factsOf(setup),
    stopServer: async () => running.server?.stop(),
    startServer,
    process: () => running.server ?? running.etcd,
    stop,
  }
}

type Joined = Pick<Setup, 'dir' | 'adminToken' | 'address' | 'ports' | 'commandPrefix' | 'binaries'>

/** An API server that somebody else started, from the folder that it was started in; only he can stop it. */
export function joinApiServer(joined: Joined): ApiServer {
  const refuse = (): never => {
    throw new Error('this API server was started outside of the lab, which cannot stop it')
  }
  return {
    ...factsOf(joined),
    stopServer: async () => refuse(),
    startServer: async () => refuse(),
    process: refuse,
    stop: async () => {},
  }
}

function factsOf(setup: Joined): Omit<ApiServer, 'stopServer' | 'startServer' | 'process' | 'stop'> {
  const kubeconfigPath = writeKubeconfig(setup, 'admin', setup.adminToken)
  return {
    url: urlOf(setup),
    dir: setup.dir,
    etcdUrl: `http://127.0.0.1:${setup.ports.etcd}`,
    kubeconfigPath,
    adminToken: setup.adminToken,
    caFile: join(setup.dir, 'certs', 'apiserver.crt'),
    serviceAccountKeyFile: join(setup.dir, 'sa.key'),
    writeKubeconfig: (name, token) => writeKubeconfig(setup, name, token),
    kubectl: (...args) => kubectl(setup, ['--kubeconfig', kubeconfigPath, ...args]),
  }
}

async function complete(options: ApiServerOptions): Promise<Setup> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'steelyard-api-'))
  const log = options.log ?? (() => {})
  mkdirSync(join(dir, 'certs'), { recursive: true })
  const [api = 0, etcd = 0, etcdPeer = 0] = await freePorts(3)
  return {
    commandPrefix: [],
    address: '127.0.0.1',
    ports: { api, etcd, etcdPeer },
    serviceClusterIpRange: '10.96.0.0/16,fd00:96::/108',
    apiServerFlags: [],
    tokens: [],
    onStart: undefined,
    log,
    ...options,
    binaries: options.binaries ?? (await findBinaries(log)),
    dir,
    throwAway: options.dir === undefined,
    adminToken: randomBytes(24).toString('hex'),
  }
}

/** Held open together, so that they differ, then given back. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function writeKeys({ dir, adminToken, tokens }: Setup): void {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(join(dir, 'sa.key'), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(dir, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  const users = [`${adminToken},admin,admin,system:masters`, ...tokens]
  writeFileSync(join(dir, 'tokens.csv'), `${users.join('\n')}\n`, { mode: 0o600 })
}

function startEtcd({ dir, ports, commandPrefix, binaries, log, onStart }: Setup): Child {
  const client = `http://127.0.0.1:${ports.etcd}`
  const peer = `http://127.0.0.1:${ports.etcdPeer}`
  log(`etcd on ${client}`)
  const flags = [
    `--data-dir=${join(dir, 'etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ]
  const command = [...commandPrefix, binaries.etcd, ...flags]
  return startChild({ name: 'etcd', command, logFile: join(dir, 'etcd.log'), onStart })
}

function startKubeApiServer(setup: Setup): Child {
  const { dir, ports, address, commandPrefix, binaries, log, onStart } = setup
  log(`kube-apiserver on ${urlOf(setup)}`)
  const flags = [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${ports.api}`,
    `--cert-dir=${join(dir, 'certs')}`,
    `--service-cluster-ip-range=${setup.serviceClusterIpRange}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(dir, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(dir, 'sa.key')}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${join(dir, 'tokens.csv')}`,
    '--allow-privileged=true',
    // An Endpoints object must not hold a loopback address.
    ...(address.startsWith('127.') ? ['--endpoint-reconciler-type=none'] : []),
    ...setup.apiServerFlags,
  ]
  const command = [...commandPrefix, binaries['kube-apiserver'], ...flags]
  return startChild({
    name: 'kube-apiserver',
    command,
    logFile: join(dir, 'kube-apiserver.log'),
    graceMs: 1000,
    onStart,
  })
}

async function ready(setup: Setup, children: readonly Child[]): Promise<void> {
  const limitS = SECONDS_TO_START * patience()
  const deadline = performance.now() + limitS * 1000
  for (;;) {
    for (const { name, ended, tail } of children) {
      if (ended() !== undefined) throw new Error(`${name} ended (${ended()}):\n${tail()}`)
    }
    if (await answers(setup)) return
    if (performance.now() > deadline) {
      const tails = children.map(({ name, tail }) => `${name}:\n${tail()}`)
      throw new Error(`the API server was not ready after ${limitS} s\n${tails.join('\n')}`)
    }
    await pause(100)
  }
}

async function answers(setup: Setup): Promise<boolean> {
  try {
    const path = writeKubeconfig(setup, 'admin', setup.adminToken)
    await kubectl(setup, ['--kubeconfig', path, '--request-timeout=2s', 'get', '--raw', '/readyz'])
    return true
  } catch {
    return false
  }
}

async function kubectl(
  { commandPrefix, binaries }: Pick<Joined, 'commandPrefix' | 'binaries'>,
  args: readonly string[],
): Promise<string> {
  const [program = '', ...rest] = [...commandPrefix, binaries.kubectl, ...args]
  const { stdout } = await promisify(execFile)(program, rest, { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

function urlOf({ address, ports }: Pick<Joined, 'address' | 'ports'>): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:${ports.api}`
}

/** The server writes its certificate at start, so before that this throws. */
function writeKubeconfig(setup: Joined, name: string, token: string): string {
  const ca = readFileSync(join(setup.dir, 'certs', 'apiserver.crt')).toString('base64')
  const path = join(setup.dir, `${name}.kubeconfig`)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: urlOf(setup), 'certificate-authority-data': ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: name } }],
    'current-context': 'lab',
  }
  writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 })
  return path
}
