import { CONTROL_PORT, ECHO_PORT } from '@steelyard/bfd'
import { closeEchoPort, closeSender, openSender } from './bfd-ports.ts'
import type { BfdAct, BfdAttempt, BfdEvent, BfdWatch } from './bfd-state.ts'
import { type BfdTurn, order, retryLater, tellFault } from './bfd-turn.ts'
import { GONE, tell } from './failures.ts'
import type { FailedCall } from './state.ts'

/** What was opened stands, and has no fault any more. */
export function noteOpened({ part }: BfdTurn, act: BfdAct): void {
  if (act.kind === 'openReceiver') forgive(part.receivers.get(act.key))
  else if (act.kind === 'openEchoPort') forgive(part.echoPorts.get(act.key))
  else if (act.kind === 'listNeighbours') forgive(part.neighbours)
  else if (act.kind === 'openSender') {
    const watch = part.byDiscriminator.get(act.id)
    forgive(watch?.sender)
    if (watch !== undefined) watch.fault = undefined
  }
}

function forgive(opening: { failures: number } | undefined): void {
  if (opening !== undefined) opening.failures = 0
}

type Failed = Extract<BfdEvent, { kind: 'failed' }>

/** One session's fault is told as its own and stops no other; what cannot be opened is opened again after a while. */
export function noteBfdFailure(turn: BfdTurn, { tried, error }: Failed): void {
  const { part } = turn
  if (tried.kind === 'openSender' || tried.kind === 'send') {
    const watch = part.byDiscriminator.get(tried.id)
    if (watch !== undefined) failSender(turn, watch, tried, error)
  } else if (tried.kind === 'openReceiver' || tried.kind === 'receive') {
    failReceiver(turn, tried.key, error)
  } else if (tried.kind === 'openEchoPort' || tried.kind === 'receiveEcho' || tried.kind === 'sendEcho') {
    failEchoPort(turn, tried, error)
  } else if (tried.kind === 'listNeighbours') {
    order(turn, { kind: 'closeNeighbours' })
    retryLater(turn, part.neighbours)
    tell(turn.state, { ...plain(error), message: `neighbours for BFD echoes: ${error.message}` }, turn, turn.effects)
  }
}

const plain = ({ call, errno, message }: FailedCall): FailedCall => ({ call, errno, message })

/** So many source ports are tried in a row before it is not their fault. */
const MOST_PORTS = 8
/** The socket is of no more use: its address or its device is gone. */
const LOST = new Set(['EADDRNOTAVAIL', 'EINVAL', 'ENODEV', 'ENXIO'])

function failSender(turn: BfdTurn, watch: BfdWatch, tried: BfdAttempt, error: FailedCall): void {
  const { sender } = watch
  if (tried.kind === 'openSender' && error.errno === 'EADDRINUSE' && sender.failures < MOST_PORTS) {
    sender.failures += 1
    return openSender(turn, watch)
  }
  if (tried.kind === 'openSender') retryLater(turn, sender)
  else if (LOST.has(error.errno)) {
    closeSender(turn, watch)
    retryLater(turn, sender)
  }
  tellFault(turn, watch, error)
}

function failReceiver(turn: BfdTurn, key: string, error: FailedCall): void {
  const receiver = turn.part.receivers.get(key)
  if (receiver === undefined) return
  order(turn, { kind: 'closeReceiver', key })
  retryLater(turn, receiver)
  const { port, device } = receiver
  const what = port === ECHO_PORT ? 'BFD echoes' : `BFD (${port === CONTROL_PORT ? 'one hop' : 'several hops'})`
  const hint = error.errno === 'EADDRINUSE' ? '; does another BFD program run on this node?' : ''
  const message = `${what} cannot be heard on port ${port}: ${error.message}${hint}`
  const fault = { ...plain(error), message, ...(device === undefined ? {} : { interface: device }) }
  tell(turn.state, fault, turn, turn.effects)
}

/** Whoever needs it has it opened again by the next echo; what only could not be sent is not sent again. */
function failEchoPort(turn: BfdTurn, { kind, key }: BfdAttempt & { readonly key: string }, error: FailedCall): void {
  const port = turn.part.echoPorts.get(key)
  if (port === undefined) return
  if (GONE.has(error.errno)) return closeEchoPort(turn, port)
  if (kind !== 'sendEcho') {
    order(turn, { kind: 'closeEchoPort', key })
    retryLater(turn, port)
  }
  const name = turn.state.view?.links.get(port.ifindex)?.name
  const where = name === undefined ? {} : { interface: name }
  tell(turn.state, { ...plain(error), ...where, message: `BFD echoes: ${error.message}` }, turn, turn.effects)
}
