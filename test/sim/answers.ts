/** A stretch of time in which an address had no answerer, or more than one. */
export type Stretch = {
  readonly ip: string
  readonly from: number
  readonly until: number
  readonly by: readonly string[]
}

/** A node begins to answer for an address. */
export type Beginning = {
  readonly ip: string
  readonly node: string
  readonly at: number
  readonly beside: readonly string[]
}

/** Who answers for what, as a client on the LAN would see it. */
export type Answers = {
  readonly byIp: Map<string, { nodes: readonly string[]; since: number }>
  readonly byNode: Map<string, ReadonlySet<string>>
  readonly gaps: Stretch[]
  readonly overlaps: Stretch[]
  readonly beginnings: Beginning[]
}

export function answers(ips: readonly string[]): Answers {
  const byIp = new Map(ips.map((ip) => [ip, { nodes: [], since: 0 }]))
  return { byIp, byNode: new Map(), gaps: [], overlaps: [], beginnings: [] }
}

const NOTHING: ReadonlySet<string> = new Set()

export function noteAnswers(all: Answers, node: string, ips: ReadonlySet<string>, now: number): void {
  const before = all.byNode.get(node) ?? NOTHING
  if (before === ips) return
  all.byNode.set(node, ips)
  for (const ip of before) if (!ips.has(ip)) change(all, ip, now, (nodes) => nodes.filter((one) => one !== node))
  for (const ip of ips) {
    if (before.has(ip)) continue
    all.beginnings.push({ ip, node, at: now, beside: all.byIp.get(ip)?.nodes ?? [] })
    change(all, ip, now, (nodes) => [...nodes, node].sort())
  }
}

function change(all: Answers, ip: string, now: number, to: (nodes: readonly string[]) => readonly string[]): void {
  const state = all.byIp.get(ip)
  if (state === undefined) return
  endStretch(all, ip, now)
  Object.assign(state, { nodes: to(state.nodes), since: now })
}

function endStretch(all: Answers, ip: string, now: number): void {
  const { nodes, since } = all.byIp.get(ip) ?? { nodes: [], since: now }
  if (nodes.length === 1 || since === now) return
  const stretch = { ip, from: since, until: now, by: nodes }
  if (nodes.length === 0) all.gaps.push(stretch)
  else all.overlaps.push(stretch)
}

/** From now on only what happens from now on counts. */
export function watchFrom(all: Answers, now: number): void {
  for (const list of [all.gaps, all.overlaps, all.beginnings]) list.length = 0
  for (const state of all.byIp.values()) state.since = now
}

/** What lasts still is written down too. */
export function watchUntil(all: Answers, now: number): void {
  for (const [ip, state] of all.byIp) {
    endStretch(all, ip, now)
    state.since = now
  }
}

export const answerersOf = ({ byIp }: Answers, ip: string): readonly string[] => byIp.get(ip)?.nodes ?? []

export const lengths = (stretches: readonly Stretch[]): number[] => stretches.map(({ from, until }) => until - from)

/** Who answers for each address; undefined while not each has exactly one. */
export function ownersNow({ byIp }: Answers): ReadonlyMap<string, string> | undefined {
  const owners = new Map<string, string>()
  for (const [ip, { nodes }] of byIp) {
    const [only, ...more] = nodes
    if (only === undefined || more.length > 0) return undefined
    owners.set(ip, only)
  }
  return owners
}
