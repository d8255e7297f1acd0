import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/** Follows a router's kernel by `ip monitor route`: when a route first had so many ways. */
export type KernelRoutes = {
  /** By `performance.now()`; undefined when it has not been so. */
  readonly firstSeen: (address: string, ways: number) => number | undefined
  readonly stop: () => void
}

export function followKernelRoutes(namespace: string): KernelRoutes {
  const args = [`--net=/run/netns/${namespace}`, '--', 'ip', '-4', 'monitor', 'route']
  const child: ChildProcessByStdio<null, Readable, null> = spawn('nsenter', args, {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const seen = new Map<string, number>()
  const route = { address: '', ways: 0 }
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const at = performance.now()
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      // A line for the route, and one for each way behind it unless there is but one.
      if (line.startsWith('\tnexthop')) route.ways++
      else Object.assign(route, { address: line.split(' ')[0], ways: line.includes(' via ') ? 1 : 0 })
      const key = `${route.address} ${route.ways}`
      if (!seen.has(key)) seen.set(key, at)
    }
  })
  return {
    firstSeen: (address, ways) => seen.get(`${address} ${ways}`),
    stop: () => void child.kill('SIGTERM'),
  }
}
