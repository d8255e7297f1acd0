import { type ForeignObjects, imagesOf, nameOf, type Workload } from './foreign-objects.ts'

/** Another product that gives Services addresses, or announces them. */
export type OtherBalancer = { readonly product: string; readonly found: string; readonly advice: string }

type Sign = { readonly product: string; readonly applies: (workload: Workload) => boolean; readonly advice: string }

const imageMatches =
  (pattern: RegExp) =>
  (workload: Workload): boolean =>
    imagesOf(workload).some((image) => pattern.test(image))

const SIGNS: readonly Sign[] = [
  {
    product: 'MetalLB',
    applies: imageMatches(/(^|\/)metallb\/(speaker|controller)\b/),
    advice: 'one product at a time: steelyard migrate --check tells how to take over',
  },
  {
    product: 'kube-vip',
    applies: imageMatches(/kube-vip\/kube-vip(?!-cloud)/),
    advice: 'start kube-vip without svc_enable, so that it serves the control plane only',
  },
  {
    product: 'kube-vip',
    applies: imageMatches(/kube-vip-cloud-provider/),
    advice: 'remove kube-vip-cloud-provider, or give one of the two a load balancer class of its own',
  },
  {
    product: 'ServiceLB',
    applies: ({ metadata }) => metadata.name.startsWith('svclb-'),
    advice: 'start k3s with --disable=servicelb',
  },
  {
    product: 'PureLB',
    applies: imageMatches(/purelb\/(allocator|lbnodeagent)/),
    advice: 'remove PureLB, or give one of the two a load balancer class of its own',
  },
  {
    product: 'OpenELB',
    applies: imageMatches(/openelb\/(manager|speaker|controller|openelb)/),
    advice: 'remove OpenELB, or give one of the two a load balancer class of its own',
  },
]

export function otherBalancers(objects: ForeignObjects): readonly OtherBalancer[] {
  const workloads = [...objects.daemonSets, ...objects.deployments]
  const signs = workloads.flatMap((workload) =>
    SIGNS.filter(({ applies }) => applies(workload)).map(({ product, advice }) => ({
      product,
      found: `${workload.kind} ${nameOf(workload)}`,
      advice,
    })),
  )
  return [...signs, ...ciliumBalancer(objects)]
}

function ciliumBalancer({ ciliumPools, systemConfigMaps }: ForeignObjects): readonly OtherBalancer[] {
  const settings = systemConfigMaps.find(({ metadata }) => metadata.name === 'cilium-config')?.data ?? {}
  const announces = ['enable-l2-announcements', 'enable-bgp-control-plane'].filter((key) => settings[key] === 'true')
  const pools = ciliumPools.map(({ metadata }) => `CiliumLoadBalancerIPPool ${metadata.name}`)
  // What only announces, and has no pool of its own, touches none of our addresses.
  if (pools.length === 0) return []
  const found = [...pools, ...announces.map((key) => `${key} of ConfigMap cilium-config`)].join(', ')
  return [
    {
      product: 'Cilium',
      found,
      advice: 'delete the CiliumLoadBalancerIPPools, or give one of the two a load balancer class of its own',
    },
  ]
}

/** Network plugins that speak BGP on the nodes themselves. */
export function bgpSpeakers(objects: ForeignObjects): readonly string[] {
  const settings = objects.systemConfigMaps.find(({ metadata }) => metadata.name === 'cilium-config')?.data ?? {}
  const cilium = settings['enable-bgp-control-plane'] === 'true' ? ['Cilium (enable-bgp-control-plane)'] : []
  const others = objects.daemonSets.flatMap((set) => {
    if (imageMatches(/kube-router/)(set)) return [`kube-router (DaemonSet ${nameOf(set)})`]
    return imageMatches(/calico\/node/)(set) && calicoSpeaksBgp(set) ? [`Calico (DaemonSet ${nameOf(set)})`] : []
  })
  return [...cilium, ...others]
}

/** BGP is what Calico does unless it is told another backend. */
function calicoSpeaksBgp({ spec }: Workload): boolean {
  const env = (spec?.template?.spec?.containers ?? []).flatMap((container) => container.env ?? [])
  const backend = env.find(({ name }) => name === 'CALICO_NETWORKING_BACKEND')?.value
  return backend === undefined || backend === 'bird'
}
