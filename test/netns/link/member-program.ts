/**
 * The link worker of a member in a process of its own, to be run inside a network namespace. Arguments: its
 * node name, the port of all, and where it binds. Desires come as JSON lines on stdin, with bytes as arrays of numbers; facts go out as
 * JSON lines on stdout, each with the moment (`Date.now`) at which the main thread heard of it.
 */
import { createInterface } from 'node:readline'
import type { LinkDesired, MembershipDesired } from '../../../speaker/src/link/messages.ts'
import { startLink } from '../../../speaker/src/link/start-link.ts'

type Membership = Omit<MembershipDesired, 'secrets'> & { readonly secrets: readonly (readonly number[])[] }

/** A desire as it stands in a line. */
export type MemberLine = Omit<LinkDesired, 'membership'> & { readonly membership: Membership }

const [node = '', port = '', address = ''] = process.argv.slice(2)
const link = startLink({ member: { node, address, port: Number(port) } })
link.onFact((fact) => void process.stdout.write(`${JSON.stringify({ atMs: Date.now(), fact })}\n`))

function obey(line: string): void {
  const { membership, ...rest }: MemberLine = JSON.parse(line)
  const secrets = membership.secrets.map((secret) => Uint8Array.from(secret))
  link.set({ ...rest, membership: { ...membership, secrets } })
}

const commands = createInterface({ input: process.stdin })
commands.on('line', obey)
commands.on('close', () => void link.stop().then(() => process.exit(0)))
