import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'

/** A line to a daemon of FRR that stays open, as vtysh has while it runs: an answer takes no process of its own. */
export type FrrConsole = {
  /** @throws Error when the daemon does not take the command, or is gone */
  readonly ask: (command: string) => Promise<string>
  readonly close: () => void
}

/** An answer ends with three zero bytes and the result (FRR, lib/vty.c: vtysh_read); 0 = it was done. */
const END_BYTES = 4
const ANSWER_MS = 10_000

export async function openFrrConsole(folder: string, daemon = 'bgpd'): Promise<FrrConsole> {
  const socket = connect(join(folder, `${daemon}.vty`))
  await once(socket, 'connect')
  const ask = (command: string): Promise<string> => askOnce(socket, command)
  await ask('enable')
  const line = { last: Promise.resolve('') }
  return {
    // One at a time: answers carry no name of their question.
    ask: (command) => (line.last = line.last.catch(() => '').then(() => ask(command))),
    close: () => socket.destroy(),
  }
}

function askOnce(socket: Socket, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const settle = (done: () => void): void => {
      clearTimeout(timer)
      socket.off('data', onData).off('close', onClose).off('error', onClose)
      done()
    }
    const onClose = (): void => settle(() => reject(new Error(`FRR went away at: ${command}`)))
    const timer = setTimeout(() => settle(() => reject(new Error(`FRR does not answer: ${command}`))), ANSWER_MS)
    const onData = (part: Buffer): void => {
      parts.push(part)
      const end = Buffer.concat(parts.map((each) => each.subarray(-END_BYTES)).slice(-END_BYTES)).subarray(-END_BYTES)
      if (end.length < END_BYTES || end[0] !== 0 || end[1] !== 0 || end[2] !== 0) return
      const text = Buffer.concat(parts).subarray(0, -END_BYTES).toString()
      const result = end[3]
      settle(() => (result === 0 ? resolve(text) : reject(new Error(`FRR answers ${result} to: ${command}\n${text}`))))
    }
    socket.on('data', onData).on('close', onClose).on('error', onClose)
    socket.write(`${command}\0`)
  })
}
