import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { METRICS_PORT } from '@steelyard/program'
import { type Child, startChild } from '../../lab/child.ts'
import { inNamespace, run } from '../../lab/command.ts'
import type { Lab } from '../../lab/lab.ts'
import { ruleGroups } from '../../metrics/queries.ts'

const READER = new URL('../../../config/prometheus/metrics-reader.yaml', import.meta.url).pathname
const PORT = 9090

export type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] }
export type FiringAlert = { readonly labels: Readonly<Record<string, string>>; readonly state: 'pending' | 'firing' }

/** A real Prometheus that scrapes every controller and speaker of a lab each second, and judges the shipped alerts. */
export type Prometheus = {
  /** Tokens by name: `prometheus` may read, `guest` may not. */
  readonly tokens: Readonly<Record<'prometheus' | 'guest', string>>
  readonly query: (expr: string) => Promise<readonly Sample[]>
  readonly names: () => Promise<readonly string[]>
  readonly firing: () => Promise<readonly FiringAlert[]>
  /** Asks a program for its metrics as curl does: the status, and the text. */
  readonly ask: (address: string, token: string) => Promise<{ readonly status: string; readonly text: string }>
  readonly stop: () => Promise<void>
}

/** It runs beside the control plane, from where all Pods can be reached. */
export async function startPrometheus(lab: Lab): Promise<Prometheus> {
  const { namespace } = lab.topology.fabric
  const tokens = await makeReaders(lab)
  const folder = join(lab.folder, 'prometheus')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'rules.yaml'), stringify(ruleGroups()))
  writeFileSync(join(folder, 'prometheus.yaml'), stringify(configOf(lab, tokens.prometheus)))
  const child = startChild({
    name: 'prometheus',
    logFile: join(lab.folder, 'prometheus.log'),
    command: [
      ...inNamespace(namespace),
      'prometheus',
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${PORT}`,
    ],
  })
  const prometheus: Prometheus = { tokens, ...questions(namespace), stop: () => child.stop() }
  await ready(lab, child, prometheus)
  return prometheus
}

async function makeReaders(lab: Lab): Promise<Prometheus['tokens']> {
  await lab.kubectl(['create', 'namespace', 'monitoring'])
  for (const name of ['prometheus-k8s', 'guest']) {
    await lab.kubectl(['create', 'serviceaccount', name, '--namespace=monitoring'])
  }
  await lab.apply(readFileSync(READER, 'utf8'))
  const tokenOf = async (name: string): Promise<string> =>
    (await lab.kubectl(['create', 'token', name, '--namespace=monitoring'])).trim()
  return { prometheus: await tokenOf('prometheus-k8s'), guest: await tokenOf('guest') }
}

function configOf(lab: Lab, credentials: string): object {
  const job = (program: 'controller' | 'speaker'): object => ({
    job_name: program,
    scheme: 'https',
    tls_config: { insecure_skip_verify: true },
    authorization: { type: 'Bearer', credentials },
    static_configs: lab.programs
      .of(program)
      .map(({ name, ips: [ip = ''] }) => ({ targets: [`${ip}:${METRICS_PORT}`], labels: { pod: name } })),
  })
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: [job('controller'), job('speaker')],
  }
}

async function ready(lab: Lab, child: Child, { query }: Prometheus): Promise<void> {
  await lab.waitFor('Prometheus to answer', async () => {
    if (child.ended() !== undefined) throw new Error(`Prometheus ended: ${child.tail()}`)
    return (await query('vector(1)')).length === 1
  })
}

function questions(namespace: string): Omit<Prometheus, 'tokens' | 'stop'> {
  const get = async <T>(path: string, expr?: string): Promise<T> => {
    const url = `http://127.0.0.1:${PORT}/api/v1/${path}`
    const data = expr === undefined ? [] : ['--data-urlencode', `query=${expr}`]
    const { stdout, stderr } = await run([...inNamespace(namespace), 'curl', '-sS', '-G', ...data, url])
    if (stdout === '') throw new Error(stderr)
    const answer = JSON.parse(stdout) as { readonly status: string; readonly error?: string; readonly data: T }
    if (answer.status !== 'success') throw new Error(`${expr ?? path}: ${answer.error}`)
    return answer.data
  }
  return {
    query: async (expr) => (await get<{ readonly result: readonly Sample[] }>('query', expr)).result,
    names: () => get<readonly string[]>('label/__name__/values'),
    firing: async () => {
      const { alerts } = await get<{ readonly alerts: readonly FiringAlert[] }>('alerts')
      return alerts.filter(({ state }) => state === 'firing')
    },
    ask: async (address, token) => {
      const authorization = token === '' ? [] : ['-H', `Authorization: Bearer ${token}`]
      const url = `https://${address.includes(':') ? `[${address}]` : address}:${METRICS_PORT}/metrics`
      const command = ['curl', '-sSk', '-w', '\n%{http_code}', ...authorization, url]
      const { stdout } = await run([...inNamespace(namespace), ...command])
      const cut = stdout.lastIndexOf('\n')
      return { status: stdout.slice(cut + 1), text: stdout.slice(0, cut) }
    },
  }
}
