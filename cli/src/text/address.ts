import type { AddressExplanation } from '../decide/address-explanation.ts'
import { age } from './age.ts'
import { explanationText } from './explanation.ts'
import { movesTable } from './moves.ts'
import type { Paint } from './paint.ts'

export function addressText(explanation: AddressExplanation, paint: Paint, now: Date): string {
  const { address, message, pool, owner, moves, conflicts, services } = explanation
  const conflictLines = conflicts.map(
    ({ mac, interface: name, node, since }) =>
      `Conflict    ${paint.bad(mac)} answers for it on ${name} of ${node}, for ${age(since, now)}\n`,
  )
  return [
    `Address ${paint.strong(address)} ${message}\n`,
    ...(pool === undefined ? [] : [`Pool        ${pool}\n`]),
    ...(owner === undefined ? [] : [`Owner       ${owner.node} for ${age(owner.since, now)}, epoch ${owner.epoch}\n`]),
    ...conflictLines,
    ...(moves.length === 0 ? [] : ['\n', movesTable(moves, now)]),
    ...services.map((service) => `\n${explanationText(service, paint, now)}`),
  ].join('')
}
