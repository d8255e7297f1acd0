import { loadKubeConfig, realApi } from '@steelyard/kube'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Connection, Host, Ports } from './ports.ts'

/** A person waits: longer than this they think it hangs. */
const REQUEST_TIMEOUT_MS = 15_000
const PROGRAM_TIMEOUT_MS = 5000
const LARGEST_OUTPUT_BYTES = 16 * 1024 * 1024

export function realPorts(): Ports {
  return {
    env: process.env,
    now: () => new Date(),
    connect,
    readFile: (path) => (path === '-' ? text(process.stdin) : readFile(path, 'utf8')),
    listFolder: async (path) => {
      if (path === '-' || !(await stat(path)).isDirectory()) return undefined
      return (await readdir(path)).sort().map((name) => join(path, name))
    },
    host: realHost(),
    out: (line) => void process.stdout.write(line),
    err: (line) => void process.stderr.write(line),
    isTerminal: process.stdout.isTTY,
  }
}

async function connect(kubeconfig: string): Promise<Connection> {
  const credentials = await loadKubeConfig({
    kubeconfig: kubeconfig === '' ? homeConfig() : kubeconfig,
    env: process.env,
  })
  const api = realApi(credentials, { requestTimeoutMs: REQUEST_TIMEOUT_MS })
  return {
    api,
    namespace: credentials.namespace ?? 'default',
    server: credentials.server.href,
    close: () => api.close(),
  }
}

/** As kubectl has it: where nothing else says so, the file in the home folder. In a Pod there is none. */
function homeConfig(): string {
  if ((process.env['KUBECONFIG'] ?? '') !== '') return ''
  const file = join(homedir(), '.kube', 'config')
  return existsSync(file) || process.env['KUBERNETES_SERVICE_HOST'] === undefined ? file : ''
}

function realHost(): Host {
  return {
    readText: (path) => orUndefined(() => readFileSync(path, 'utf8')),
    list: (folder) => orUndefined(() => readdirSync(folder).sort()) ?? [],
    run: (program, ...args) =>
      new Promise((resolve) => {
        const options = { timeout: PROGRAM_TIMEOUT_MS, maxBuffer: LARGEST_OUTPUT_BYTES }
        execFile(program, args, options, (error, stdout) => resolve(error === null ? stdout : undefined))
      }),
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
