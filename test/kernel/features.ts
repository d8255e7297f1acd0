import { spawnSync } from 'node:child_process'

/** Something the ring asks of a kernel: by name, with a script that does it in a network namespace of its own. */
export type Feature = { readonly name: string; readonly script: string }

export const FEATURES: readonly Feature[] = [
  { name: 'dummy', script: 'ip link add d0 type dummy' },
  { name: 'VRF', script: 'ip link add v0 type vrf table 10' },
  { name: 'VLAN', script: 'ip link add e0 type veth peer name e1 && ip link add link e0 name e0.10 type vlan id 10' },
  { name: 'bond', script: 'ip link add b0 type bond mode active-backup miimon 100' },
  { name: 'netem', script: 'tc qdisc add dev lo root netem delay 1ms' },
  {
    name: 'IPVS',
    script:
      'ip link set lo up && ipvsadm -A -t 192.0.2.1:80 -s rr && ipvsadm -a -t 192.0.2.1:80 -r 192.0.2.2:80 -m && ipvsadm -A -t [2001:db8::1]:80 -s rr',
  },
  {
    // What kube-proxy does beside IPVS itself.
    name: 'ipset',
    script:
      'ipset create s hash:ip,port && for t in iptables ip6tables; do $t -t nat -N c || exit 1; done && iptables -t nat -A c -m set --match-set s dst,dst -j MASQUERADE',
  },
]

/** The features that this machine's kernel does not have. Each is tried for real, in a namespace that goes at once. */
export function lackingFeatures(features: readonly Feature[] = FEATURES): readonly string[] {
  return features
    .filter(({ script }) => spawnSync('unshare', ['--net', 'sh', '-c', script], { stdio: 'ignore' }).status !== 0)
    .map(({ name }) => name)
}
