import { type Condition, SPEAKER_CONDITIONS } from '@steelyard/model'

/** `arp_ignore` and `arp_announce` of one `net.ipv4.conf` (ip-sysctl). */
export type ArpPair = { readonly ignore: number; readonly announce: number }

/** What decides whether the kernel of this node answers ARP for addresses by itself. */
export type ArpSettings = {
  /** `net.ipv4.conf.all`; undefined = it cannot be read. */
  readonly all: ArpPair | undefined
  /** Of the interfaces that are announced on. */
  readonly interfaces: ReadonlyMap<string, ArpPair>
  /** Whether kube-proxy's device of IPVS mode is there: it has the addresses of all Services. */
  readonly hasIpvsDevice: boolean
}

/** The device on which kube-proxy has every Service's addresses in IPVS mode. */
export const IPVS_DEVICE = 'kube-ipvs0'

/**
 * The values of `arp_ignore` under which a kernel does not answer on one interface for what another one has
 * (ip-sysctl): 1 and 2 answer for the interface's own, 8 for nothing. 0 answers for everything; 3 leaves out
 * only addresses of scope host, and Services' are not; 4 to 7 are reserved and do as 0.
 */
const QUIET: ReadonlySet<number> = new Set([1, 2, 8])
/** From here on the kernel asks only from addresses of the interface that it asks on. */
const OWN_SENDER = 2

/** What kube-proxy sets for strictARP, and how to have it set. */
export const STRICT_ARP_ADVICE =
  'set ipvs.strictARP: true in ConfigMap kube-proxy of kube-system, and restart kube-proxy'

/** The interfaces on which this kernel answers for every Service, whoever announces it; without IPVS there are none. */
export function answeredByKernel({ all, interfaces, hasIpvsDevice }: ArpSettings): readonly string[] {
  if (!hasIpvsDevice || all === undefined) return []
  // The kernel takes the larger of the two values (ip-sysctl).
  return [...interfaces].filter(([, own]) => !QUIET.has(Math.max(all.ignore, own.ignore))).map(([name]) => name)
}

/** Whether the kernel answers for others, in one word and in a sentence. */
export type KernelVerdict = {
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** The condition about it, with what is to be done. */
export function kernelCondition(settings: ArpSettings): KernelVerdict & Pick<Condition, 'type'> {
  const { status, reason, message } = kernelVerdict(settings)
  const advice = status === 'True' ? `; ${STRICT_ARP_ADVICE}` : ''
  return { type: SPEAKER_CONDITIONS.kernelAnswers, status, reason, message: `${message}${advice}` }
}

export function kernelVerdict(settings: ArpSettings): KernelVerdict {
  const { all, hasIpvsDevice } = settings
  if (!hasIpvsDevice) {
    return { status: 'False', reason: 'NotIPVS', message: 'kube-proxy does not run in IPVS mode here' }
  }
  if (all === undefined) {
    return { status: 'Unknown', reason: 'NotReadable', message: '/proc/sys/net/ipv4/conf/all cannot be read' }
  }
  const values = `net.ipv4.conf.all.arp_ignore is ${all.ignore} and arp_announce ${all.announce}`
  const answered = answeredByKernel(settings)
  if (answered.length > 0) {
    const message = `the kernel answers ARP on ${answered.join(', ')} for the address of every Service, whoever announces it: ${values}, where IPVS mode needs 1 and 2`
    return { status: 'True', reason: 'StrictARPOff', message }
  }
  const asks =
    all.announce < OWN_SENDER ? '; it may ask others in the name of a Service, which arp_announce 2 ends' : ''
  return { status: 'False', reason: 'StrictARP', message: `IPVS mode; ${values}${asks}` }
}
