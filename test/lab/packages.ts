import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { spawnSync } from 'node:child_process'

export type ProxyMode = 'iptables' | 'nftables' | 'ipvs'
/** What the machine is needed for, beyond what every lab needs. */
export type Need = ProxyMode | 'routers' | 'kubelets' | 'tests' | 'kernel' | 'kernel-build'

/** What keeps the lab from running on this machine, in words for the person who started it. */
export class MachineError extends Error {}

/** A system program the lab starts, and the Debian package that brings it. */
type SystemProgram = {
  /** A name, or the full path of what is on nobody's PATH. */
  readonly program: string
  readonly brings: string
  readonly what: string
  readonly only?: Need | readonly Need[]
}

const PROGRAMS: readonly SystemProgram[] = [
  { program: 'ip', brings: 'iproute2', what: 'namespaces, bridge and veths' },
  { program: 'nsenter', brings: 'util-linux', what: 'running programs inside a namespace' },
  { program: 'unshare', brings: 'util-linux', what: 'a private view of /etc and /run for each node' },
  { program: 'setpriv', brings: 'util-linux', what: 'dropping capabilities' },
  { program: 'mount', brings: 'mount', what: 'a private view of /etc and /run for each node' },
  { program: 'iptables', brings: 'iptables', what: 'kube-proxy', only: ['iptables', 'ipvs'] },
  { program: 'ip6tables', brings: 'iptables', what: 'kube-proxy', only: ['iptables', 'ipvs'] },
  { program: 'nft', brings: 'nftables', what: 'kube-proxy in nftables mode, and splitting the network' },
  { program: 'tcpdump', brings: 'tcpdump', what: 'watching the wire' },
  { program: 'curl', brings: 'curl', what: 'the client on the LAN' },
  { program: 'arping', brings: 'arping', what: 'asking as other stacks do', only: 'tests' },
  { program: 'ndisc6', brings: 'ndisc6', what: 'asking as other stacks do, by IPv6', only: 'tests' },
  { program: 'ping', brings: 'iputils-ping', what: 'making a kernel ask for its neighbour', only: 'tests' },
  { program: 'vtysh', brings: 'frr', what: 'the router FRR', only: ['tests', 'routers'] },
  { program: '/usr/lib/frr/bgpd', brings: 'frr', what: 'the router FRR', only: ['tests', 'routers'] },
  { program: 'birdc', brings: 'bird2', what: 'the router BIRD', only: 'tests' },
  { program: 'gobgpd', brings: 'gobgpd', what: 'the router GoBGP', only: 'tests' },
  { program: 'bgpctl', brings: 'openbgpd', what: 'the router OpenBGPD', only: 'tests' },
  { program: 'prometheus', brings: 'prometheus', what: 'scraping the programs', only: 'tests' },
  { program: 'promtool', brings: 'prometheus', what: 'judging alerts', only: 'tests' },
  { program: 'exabgp', brings: 'exabgp', what: 'the router ExaBGP', only: 'tests' },
  { program: 'buildah', brings: 'buildah', what: 'building the image', only: ['tests', 'kubelets'] },
  { program: 'debootstrap', brings: 'debootstrap', what: 'a base of the image where no registry is', only: 'tests' },
  { program: 'runc', brings: 'runc', what: 'starting the image', only: ['tests', 'kubelets'] },
  { program: 'containerd', brings: 'containerd', what: 'the containers of real kubelets', only: ['tests', 'kubelets'] },
  { program: 'ctr', brings: 'containerd', what: 'giving a node its images', only: ['tests', 'kubelets'] },
  {
    program: '/usr/lib/cni/bridge',
    brings: 'containernetworking-plugins',
    what: 'the network of Pods',
    only: ['tests', 'kubelets'],
  },
  { program: 'cc', brings: 'build-essential', what: 'what holds a Pod together', only: ['tests', 'kubelets'] },
  { program: 'tc', brings: 'iproute2', what: 'bad links', only: ['tests', 'kernel'] },
  { program: 'ipvsadm', brings: 'ipvsadm', what: 'looking into IPVS', only: ['tests', 'kernel'] },
  { program: 'ipset', brings: 'ipset', what: 'kube-proxy in IPVS mode', only: ['tests', 'kernel', 'ipvs'] },
  { program: 'apt-get', brings: 'apt', what: 'fetching the source of the kernel for guests', only: 'kernel-build' },
  { program: 'dpkg-deb', brings: 'dpkg', what: 'unpacking the source of the kernel for guests', only: 'kernel-build' },
  { program: 'xz', brings: 'xz-utils', what: 'unpacking the source of the kernel for guests', only: 'kernel-build' },
  ...['gcc:gcc', 'make:make', 'strip:binutils', 'flex:flex', 'bison:bison', 'bc:bc'].map((entry) => {
    const [program = '', brings = ''] = entry.split(':')
    return { program, brings, what: 'building the kernel for guests', only: 'kernel-build' as const }
  }),
]

const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin']

/** Bits of the capability masks in /proc/self/status (linux/capability.h). */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13, CAP_SYS_ADMIN: 21 } as const

/**
 * Also adds the folders of system programs to this process's PATH, since everything is started from it.
 * @throws MachineError that names everything that is missing, with the one command that brings it
 */
export function checkMachine(...needs: readonly Need[]): void {
  if (process.platform !== 'linux') throw new MachineError(`the lab needs Linux; this is ${process.platform}`)
  process.env['PATH'] = systemPath(process.env['PATH'] ?? '')
  const missing = missingPrograms(needs, process.env['PATH'])
  if (missing.length > 0) throw new MachineError(missingText(missing))
  const lacking = missingCapabilities(readFileSync('/proc/self/status', 'utf8'))
  if (lacking.length > 0) {
    throw new MachineError(
      `the lab makes network namespaces, which needs root (or a user namespace with its rights); ${lacking.join(', ')} missing: run it with sudo`,
    )
  }
  checkNamespaces()
}

export function missingPrograms(needs: readonly Need[], path: string): readonly SystemProgram[] {
  return PROGRAMS.filter(
    ({ only, program }) =>
      (only === undefined || [only].flat().some((need) => needs.includes(need))) &&
      findProgram(program, path) === undefined,
  )
}

export function missingText(missing: readonly SystemProgram[]): string {
  const lines = missing.map(({ program, brings, what }) => `  ${program}: package ${brings} (for ${what})`)
  const packages = [...new Set(missing.map(({ brings }) => brings))].sort()
  return `system programs are missing:\n${lines.join('\n')}\ninstall them with: apt-get install -y ${packages.join(' ')}`
}

/** With the folders of system programs, which a user's PATH often lacks. */
export function systemPath(path: string): string {
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  return [...folders, ...SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder))].join(delimiter)
}

/** @returns the full path of `program` in the first folder of `path` that has it; one that begins with / is where it says, or nowhere */
export function findProgram(program: string, path: string): string | undefined {
  if (program.startsWith('/')) return isExecutable(program) ? program : undefined
  return path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => file.startsWith('/') && isExecutable(file))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** @param status the text of /proc/self/status */
export function missingCapabilities(status: string): readonly string[] {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return Object.entries(CAPABILITIES).flatMap(([name, bit]) => ((mask >> BigInt(bit)) & 1n ? [] : [name]))
}

/** A container may have the capabilities and still refuse; try what the lab does, with nothing left behind. */
function checkNamespaces(): void {
  const tried = spawnSync('unshare', ['--net', '--mount', 'true'], { encoding: 'utf8' })
  if (tried.status !== 0) {
    throw new MachineError(`network and mount namespaces cannot be made here: ${tried.stderr.trim()}`)
  }
  if (!existsSync('/proc/net/if_inet6')) throw new MachineError('this kernel runs without IPv6, which the lab needs')
}
