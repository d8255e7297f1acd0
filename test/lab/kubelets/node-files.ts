import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeMachine } from '../topology.ts'
import { PAUSE_IMAGE } from './images.ts'

export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'
/** What a kubelet insists on and would write for the whole machine, since these are in no namespace: it is shown files that say so. */
const INSISTED = { 'vm/overcommit_memory': 1, 'kernel/panic': 10, 'kernel/panic_on_oops': 1 } as const

export type NodeFiles = {
  /** The first process of the node. */
  readonly init: string
  readonly containerd: string
  readonly kubelet: string
  /** Appears when the node's own view of the machine is in place. */
  readonly up: string
  /** What is /var/log on the node. */
  readonly logs: string
  /** What is /var/lib on the node. */
  readonly state: string
}

/** Everything a node reads at its start, and the folders that are its disk. */
export function writeNodeFiles(
  folder: string,
  {
    node,
    cgroup,
    pauseProgram,
  }: { readonly node: NodeMachine; readonly cgroup: string; readonly pauseProgram: string },
): NodeFiles {
  const at = (name: string): string => join(folder, name)
  for (const name of ['log', 'lib/kubelet', 'insisted', 'cni', 'cgroup']) mkdirSync(at(name), { recursive: true })
  for (const [path, value] of Object.entries(INSISTED)) writeFileSync(at(`insisted/${fileName(path)}`), `${value}\n`)
  writeFileSync(at('resolv.conf'), 'nameserver 127.0.0.1\n')
  writeFileSync(at('cni/10-lab.conflist'), JSON.stringify(podNetwork(node)))
  writeFileSync(at('containerd.toml'), containerdConfig(at('cni')))
  writeFileSync(at('kubelet.json'), JSON.stringify(kubeletConfig(cgroup, at('resolv.conf'))))
  writeFileSync(at('init.sh'), initScript(folder, node.name, pauseProgram))
  return {
    init: at('init.sh'),
    containerd: at('containerd.toml'),
    kubelet: at('kubelet.json'),
    up: at('up'),
    logs: at('log'),
    state: at('lib'),
  }
}

function fileName(path: string): string {
  return path.replaceAll('/', '-')
}

/**
 * A private view of the machine: /run, /var/lib and /var/log of its own, /sys of its network namespace, with the control
 * groups brought back. Shared only at the end: earlier, taking the spare mount away would take that of /sys along.
 */
function initScript(folder: string, name: string, pauseProgram: string): string {
  const hidden = Object.keys(INSISTED).map(
    (path) => `mount --bind ${folder}/insisted/${fileName(path)} /proc/sys/${path}`,
  )
  return [
    'set -e',
    `hostname ${name}`,
    `mount --rbind /sys/fs/cgroup ${folder}/cgroup`,
    'mount -t sysfs sysfs /sys',
    `mount --rbind ${folder}/cgroup /sys/fs/cgroup`,
    `umount -l ${folder}/cgroup`,
    'mount -t tmpfs -o mode=755 tmpfs /run',
    'mkdir -p /run/lock /run/netns /run/containerd',
    `mount --bind ${folder}/log /var/log`,
    `mount --bind ${folder}/lib /var/lib`,
    ...hidden,
    'mount --make-rshared /',
    `echo up > ${folder}/up`,
    `exec ${pauseProgram}`,
    '',
  ].join('\n')
}

function podNetwork({ podRange4, podRange6 }: NodeMachine): object {
  const ranges = [[{ subnet: podRange4 }], [{ subnet: podRange6 }]]
  const routes = [{ dst: '0.0.0.0/0' }, { dst: '::/0' }]
  const ipam = { type: 'host-local', dataDir: '/run/ipam', ranges, routes }
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipam }
  return { cniVersion: '1.0.0', name: 'lab', plugins: [bridge] }
}

/** For containerd 1.6 and later. Root in a container of its own may not lower its score of the out-of-memory killer. */
function containerdConfig(cniFolder: string): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${cniFolder}"
`
}

/** What is left out is as a kubelet has it by default. */
function kubeletConfig(cgroup: string, resolvConf: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // Machines whose control groups are of version 1 will do.
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    resolvConf,
    // The default would be made under /usr/libexec of this machine.
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // A minute by default: so late may a new Secret reach a Pod that runs already.
    syncFrequency: '5s',
  }
}
