/**
 * The link worker's thread: the one place where the loop is joined with the kernel and the main
 * thread. Its event loop never turns; it lives in `poll` until it is asked to stop.
 */
import { kernelIo } from '@steelyard/raw-socket'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { LINK_CONFIG } from './config.ts'
import { closeAll } from './effects.ts'
import { linkLoop, type LinkWorld } from './link-loop.ts'
import type { LinkDesired } from './messages.ts'
import { turn } from './turn.ts'
import { countTurn, isAskedToStop, type ToWorker, type WorkerStart } from './worker-control.ts'

function run(port: MessagePort, start: WorkerStart): void {
  const control = new Int32Array(start.control)
  const loop = linkLoop(worldOf(port, start.wakeHandle))
  while (!isAskedToStop(control)) {
    turn(loop)
    countTurn(control)
  }
  closeAll(loop)
  loop.world.wake.close()
}

function worldOf(port: MessagePort, wakeHandle: number): LinkWorld {
  const io = kernelIo()
  return {
    io,
    wake: io.adoptWake(wakeHandle),
    nextDesired: () => nextDesired(port),
    tell: (fact) => port.postMessage(fact),
    now: () => performance.now(),
    config: LINK_CONFIG,
  }
}

function nextDesired(port: MessagePort): LinkDesired | undefined {
  const received: { readonly message: ToWorker } | undefined = receiveMessageOnPort(port)
  return received?.message.desired
}

if (parentPort === null) throw new Error('this is the entry of a worker thread, not a program')
run(parentPort, workerData as WorkerStart)
