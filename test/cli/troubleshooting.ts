import { EXPLAIN_SCENARIOS } from './explain-scenarios.ts'
import { readGolden } from './golden.ts'
import { shown } from './document.ts'

export const DOCUMENT = new URL('../../docs/troubleshooting.md', import.meta.url).pathname

const INTRO = `# When it does not answer

<!-- Made by \`npm run docs\` from test/cli/troubleshooting.ts and the golden files in test/fixtures; all of it is tested. -->

Begin with \`steelyard services --problems\`: it lists what does not answer, each with a reason. Then \`steelyard explain service NAMESPACE/NAME\`
tells the cause and what to do; its first lines are shown here. All commands: [cli.md](cli.md). The same words stand in Events
(\`kubectl describe service\`), in ConfigurationStates and in the logs.`

type Case = {
  readonly title: string
  readonly text: string
  readonly line: string
  readonly golden: string
  /** Of the output, the lines that matter; all unless told. */
  readonly matter?: RegExp
}

const EXPLAIN = 'steelyard explain service shop/web'
const HEAD = /^(Service| {2}Cause| {2}Also| {2}To do)/

const CASES: readonly Case[] = [
  {
    title: 'EXTERNAL-IP stays pending: no room',
    text: 'The pools that admit the Service have no free address of its family. `steelyard pools` shows how full they are.',
    line: EXPLAIN,
    golden: 'explain/pool-full',
    matter: HEAD,
  },
  {
    title: 'EXTERNAL-IP stays pending: no pool admits it',
    text: '`autoAssign: false` serves only who names the pool; `serviceAllocation` admits only whom it selects, whoever asks.',
    line: EXPLAIN,
    golden: 'explain/auto-assign-false',
    matter: HEAD,
  },
  {
    title: 'EXTERNAL-IP stays pending: nobody assigns',
    text: 'There is room, and the controller does not act. While it is away, whoever has an address keeps it and is announced.',
    line: EXPLAIN,
    golden: 'explain/controller-away',
    matter: HEAD,
  },
  {
    title: 'An address, and nothing advertises it',
    text: 'A pool gives addresses; that they are announced needs an L2Advertisement or a BGPAdvertisement. The commonest mistake of all, and a name written wrong in `ipAddressPools` is the same.',
    line: EXPLAIN,
    golden: 'explain/advertisement-of-another-pool',
    matter: HEAD,
  },
  {
    title: 'An address, and every node is left out',
    text: 'kubeadm labels control planes so that load balancers leave them out. In a cluster of one node, or of control planes only, that is every node.',
    line: EXPLAIN,
    golden: 'explain/excluded-nodes',
    matter: HEAD,
  },
  {
    title: 'An address, and no Pod is ready',
    text: 'What no endpoint can serve is not announced: so that clients turn elsewhere at once, instead of waiting.',
    line: EXPLAIN,
    golden: 'explain/no-endpoints',
    matter: HEAD,
  },
  {
    title: 'externalTrafficPolicy Local, and no node has both',
    text: 'Under `Local` only a node that runs a ready Pod of the Service may announce it; here the one that does is left out.',
    line: EXPLAIN,
    golden: 'explain/local-without-endpoint',
    matter: HEAD,
  },
  {
    title: 'An interface that is not there',
    text: '`interfaces` of the L2Advertisement names one that no node has, or that is down.',
    line: EXPLAIN,
    golden: 'explain/interface-missing-by-event',
    matter: HEAD,
  },
  {
    title: 'It answers now and then: another machine has the address',
    text: 'The owner hears another MAC address answer. The SpeakerStatus of the node has a condition `AddressConflict`, the Service a Warning Event.',
    line: EXPLAIN,
    golden: 'explain/foreign-machine',
    matter: HEAD,
  },
  {
    title: 'It answers now and then: kube-proxy in IPVS mode',
    text: 'Without strictARP the kernel of every node answers for every address, beside the owner. Each speaker says so of its own node (SpeakerStatus, condition `KernelAnswers`; metric `steelyard_kernel_answers`), and the owner hears the others answer, within seconds after it took the address and each minute from then on.',
    line: EXPLAIN,
    golden: 'explain/kernel-answers',
    matter: HEAD,
  },
  {
    title: 'A change has no effect: the configuration is refused',
    text: 'One broken object refuses the whole set, and the last good one stays in force. `steelyard status` says so in its first line, too.',
    line: EXPLAIN,
    golden: 'explain/bgp-broken-peer',
    matter: HEAD,
  },
  {
    title: 'A BGP session does not come up',
    text: '`steelyard sessions` shows all of them, each with its last error: refused, no answer (wrong password and TTL look the same), another AS number, hold timer.',
    line: EXPLAIN,
    golden: 'explain/bgp-session-down',
    matter: HEAD,
  },
  {
    title: 'BGP is up, and the router has no route',
    text: 'The session carries one family unless told otherwise; a BGPPeer alone announces nothing; selectors and `peers` narrow it further.',
    line: EXPLAIN,
    golden: 'explain/bgp-other-family',
    matter: HEAD,
  },
  {
    title: 'It answers from some places only, or failover is slow',
    text: 'What only a node shows: filters that drop what comes in where answers do not go out, a firewall that lets speakers not hear each other (UDP 7946), interfaces, MTU.',
    line: 'steelyard check --node',
    golden: 'cli/check-node',
    matter: /^(RESULT|ok|warning|FAULT|not checked)/,
  },
]

const MORE = `## And further

- *Another load balancer is installed as well*: \`steelyard check\` names MetalLB, kube-vip, ServiceLB of k3s, Cilium, PureLB and OpenELB.
- *An address moved, and nobody knows why*: \`steelyard moves\` lists the last moves with their causes ([failover.md](failover.md#what-to-look-at)).
- *What will this change do?* \`steelyard plan -f FILE\` tells before you apply it, and ends with status 2 if an address would move.
- *A node must go down*: \`steelyard maintenance NODE\`, then \`steelyard status\` until it has no address left.
- *It ran with MetalLB before*: \`steelyard migrate --check\`.`

/** docs/troubleshooting.md: the common cases, each with the command that shows it. */
export function renderDocument(): string {
  return `${[INTRO, ...CASES.map(section), MORE].join('\n\n')}\n`
}

function section({ title, text, line, golden, matter = /(?:)/ }: Case, at: number): string {
  const lines = readGolden(golden)
    .split('\n')
    .filter((one) => matter.test(one))
  return [`## ${at + 1}. ${title}`, text, shown(line, lines.join('\n'))].join('\n\n')
}

/** Each case that explain shows is one of its tests. */
export const GOLDENS_OF_CASES: readonly string[] = CASES.map(({ golden }) => golden)
export const CASE_COUNT = CASES.length
export const EXPLAINED: ReadonlySet<string> = new Set(EXPLAIN_SCENARIOS.map(({ name }) => `explain/${name}`))
