import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tailOf } from '../child.ts'
import type { KubeletNode } from './node.ts'

/** A program of ours in its container, as the kernel of the machine sees it. */
export type ContainerProcess = {
  readonly program: string
  readonly node: string
  readonly pid: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly uid: number
  readonly gid: number
  /** CapEff, in hexadecimal. */
  readonly capabilities: string
  /** Of any kind, by any way: CapBnd. */
  readonly bounding: string
  readonly noNewPrivileges: boolean
  /** Whether a seccomp filter is on it. */
  readonly filtered: boolean
  readonly rootReadOnly: boolean
  readonly rssMiB: number
}

/** Clock ticks of /proc/PID/stat in a second: 100 on every Linux that Node runs on. */
const TICKS = 100
const SECCOMP_FILTER = '2'

/** Every controller and speaker that runs on the nodes. */
export function containerProcesses(nodes: readonly KubeletNode[]): readonly ContainerProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return look(Number(name), nodes) ?? []
      } catch {
        // It ended while we looked.
        return []
      }
    })
}

function look(pid: number, nodes: readonly KubeletNode[]): ContainerProcess | undefined {
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  const [command, script = ''] = read('cmdline').split('\0')
  const program = /^dist\/(controller|speaker)\.mjs$/.exec(script)?.[1]
  if (command === undefined || program === undefined) return undefined
  const groups = read('cgroup')
  const node = nodes.find(({ cgroup }) => groups.includes(`/${cgroup}/`))
  if (node === undefined) return undefined
  const status = read('status')
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? ''
  return {
    program,
    node: node.name,
    pid,
    startedAt: startedAt(read('stat')),
    uid: Number(field('Uid')),
    gid: Number(field('Gid')),
    capabilities: field('CapEff'),
    bounding: field('CapBnd'),
    noNewPrivileges: field('NoNewPrivs') === '1',
    filtered: field('Seccomp') === SECCOMP_FILTER,
    rootReadOnly: isReadOnly(read('mountinfo')),
    rssMiB: Number(field('VmRSS')) / 1024,
  }
}

/** Field 22 of /proc/PID/stat counts from the boot of the machine. */
function startedAt(stat: string): number {
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  return Date.now() - (uptime - ticks / TICKS) * 1000
}

/** By the options of the mount at / (proc_pid_mountinfo(5), field 6). */
function isReadOnly(mountinfo: string): boolean {
  const root = mountinfo.split('\n').find((line) => line.split(' ')[4] === '/')
  return root?.split(' ')[5]?.split(',').includes('ro') ?? false
}

const TAIL_LINES = 8

/** The ends of the logs of every container of ours, as containerd keeps them: for messages. */
export function logTails(nodes: readonly KubeletNode[]): string {
  return nodes
    .flatMap(({ files: { logs } }) =>
      globSync('pods/metallb-system_*/*/*.log', { cwd: logs }).map((log) => [logs, log]),
    )
    .map(([folder = '', log = '']) => `--- ${log}\n${tailOf(join(folder, log), TAIL_LINES)}`)
    .join('\n')
}
