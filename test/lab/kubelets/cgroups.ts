import { existsSync, globSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
/** The hierarchies of cgroup v1 that a kubelet looks into. */
const HIERARCHIES = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'pids',
  'blkio',
  'devices',
  'freezer',
  'systemd',
  'hugetlb',
  'unified',
]
const CONTROLLERS = ['cpuset', 'cpu', 'io', 'memory', 'pids']
const LONGEST_WAIT_MS = 5000
const TURN_MS = 50

/** Two kubelets on one machine must not share a root: each would end the other's Pods. It must be there before the kubelet is. */
export function makeCgroups(name: string): void {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return makeUnified(name)
  for (const hierarchy of hierarchies()) mkdirSync(join(hierarchy, name), { recursive: true })
  // Of cpuset a group has nothing until it is told, and nobody can be in it (cgroup-v1/cpusets.rst).
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const [from, to] = [join(ROOT, 'cpuset', file), join(ROOT, 'cpuset', name, file)]
    if (existsSync(from)) writeFileSync(to, readFileSync(from, 'utf8'))
  }
}

function makeUnified(name: string): void {
  const there = readFileSync(join(ROOT, 'cgroup.controllers'), 'utf8').trim().split(' ')
  for (const controller of CONTROLLERS.filter((each) => there.includes(each))) {
    writeFileSync(join(ROOT, 'cgroup.subtree_control'), `+${controller}`)
  }
  mkdirSync(join(ROOT, name), { recursive: true })
}

function hierarchies(): readonly string[] {
  return HIERARCHIES.map((name) => join(ROOT, name)).filter((path) => existsSync(path))
}

/** From the leaves up. Killed processes leave their groups a moment later, so it tries for some seconds. Synchronous: see Journal. */
export function removeCgroups(name: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; waited < LONGEST_WAIT_MS && !removeOnce(name); waited += TURN_MS) {
    Atomics.wait(pause, 0, 0, TURN_MS)
  }
}

function removeOnce(name: string): boolean {
  const tops = [ROOT, ...hierarchies()].map((path) => join(path, name)).filter((path) => existsSync(path))
  const groups = tops.flatMap((top) => [...globSync('**/', { cwd: top }).map((group) => join(top, group)), top])
  const leavesFirst = [...new Set(groups.map((path) => path.replace(/\/$/, '')))].toSorted(
    (a, b) => b.length - a.length,
  )
  return leavesFirst.map(remove).every((removed) => removed)
}

function remove(group: string): boolean {
  try {
    rmdirSync(group)
    return true
  } catch {
    return false
  }
}

/** What of a node's control groups is there. */
export function cgroupsOf(name: string): readonly string[] {
  return [ROOT, ...hierarchies()].map((path) => join(path, name)).filter((path) => existsSync(path))
}
