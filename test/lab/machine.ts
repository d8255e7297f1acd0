import { type Command, argumentsOf, inNamespace, type Outcome, run, type RunOptions, runOrThrow } from './command.ts'
import { type Machine, UPLINK } from './topology.ts'

/** One entry of a neighbour table: an address and the Ethernet address it is believed to be at. */
export type NeighbourEntry = {
  readonly address: string
  readonly mac: string | undefined
  readonly states: readonly string[]
}

/** A machine of the lab: a network namespace one can run commands in. */
export type LabMachine = Machine & {
  /** Runs a command there; it must succeed. Gives what it printed. */
  readonly exec: (command: Command, options?: RunOptions) => Promise<string>
  /** Runs a command there, whatever comes of it. */
  readonly run: (command: Command, options?: RunOptions) => Promise<Outcome>
  /** Its ARP and NDP tables. */
  readonly neighbours: () => Promise<readonly NeighbourEntry[]>
  /** Forgets all neighbours, so that the next packet asks again. */
  readonly forgetNeighbours: () => Promise<void>
}

type IpNeighbour = { readonly dst: string; readonly lladdr?: string; readonly state?: readonly string[] }

export function labMachine(machine: Machine): LabMachine {
  const inside = (command: Command): Command => [...inNamespace(machine.namespace), ...argumentsOf(command)]
  return {
    ...machine,
    exec: (command, options) => runOrThrow(inside(command), options),
    run: (command, options) => run(inside(command), options),
    neighbours: async () => {
      const text = await runOrThrow(inside(['ip', '-json', 'neighbour', 'show', 'dev', UPLINK]))
      return (JSON.parse(text) as IpNeighbour[]).map(({ dst, lladdr, state }) => ({
        address: dst,
        mac: lladdr,
        states: state ?? [],
      }))
    },
    forgetNeighbours: async () => void (await runOrThrow(inside(['ip', 'neighbour', 'flush', 'dev', UPLINK]))),
  }
}
