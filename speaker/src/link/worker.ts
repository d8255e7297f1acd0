/**
 * The link worker's thread: the one place where the loop is joined with the kernel and the main
 * thread. Its event loop never turns; it lives in `poll` until it is asked to stop.
 */
import { parseAddress } from '@steelyard/net'
import { kernelIo, type LinkIo, SystemCallError, type ThreadIo, type UdpIo } from '@steelyard/raw-socket'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { LINK_CONFIG } from './config.ts'
import { closeAll } from './effects.ts'
import { linkLoop, type LinkWorld } from './link-loop.ts'
import type { MemberSelf } from './decide/member-state.ts'
import type { LinkDesired, LinkFact } from './messages.ts'
import { takeDesired, turn } from './turn.ts'
import { countTurn, isAskedToStop, type MemberStart, type ToWorker, type WorkerStart } from './worker-control.ts'

function run(port: MessagePort, start: WorkerStart): void {
  const control = new Int32Array(start.control)
  const io = kernelIo()
  port.postMessage(askForShortSlices(io))
  const loop = linkLoop(worldOf(io, port, start))
  while (!isAskedToStop(control)) {
    turn(loop)
    countTurn(control)
  }
  // The last word of the main thread may be a goodbye to the other speakers.
  takeDesired(loop)
  closeAll(loop)
  loop.world.wake.close()
}

/**
 * A turn takes a small part of a millisecond, and an answer should not wait until a busy main thread has used up a
 * slice of three. The shortest there is; who asks for less runs less long at a time, not less.
 */
const SLICE_NS = 100_000

/** Without short slices answers are as right, and some of them later. */
function askForShortSlices({ setSlice }: ThreadIo): LinkFact {
  try {
    return { kind: 'slice', nanoseconds: setSlice(SLICE_NS) }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return { kind: 'slice', nanoseconds: 0, refused: error.message }
  }
}

function worldOf(io: LinkIo & UdpIo, port: MessagePort, { wakeHandle, member }: WorkerStart): LinkWorld {
  return {
    io,
    wake: io.adoptWake(wakeHandle),
    nextDesired: () => nextDesired(port),
    tell: (fact) => port.postMessage(fact),
    now: () => performance.now(),
    config: LINK_CONFIG,
    ...(member === undefined ? {} : { self: selfOf(member) }),
  }
}

function selfOf({ node, address: text, port }: MemberStart): MemberSelf {
  const address = parseAddress(text)
  if (address === undefined)
    throw new Error(`${JSON.stringify(text)}, to hear the other speakers on, is not an IP address`)
  return { node, address, port }
}

function nextDesired(port: MessagePort): LinkDesired | undefined {
  const received: { readonly message: ToWorker } | undefined = receiveMessageOnPort(port)
  return received?.message.desired
}

if (parentPort === null) throw new Error('this is the entry of a worker thread, not a program')
run(parentPort, workerData as WorkerStart)
