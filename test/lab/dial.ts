import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Target = { readonly host: string; readonly port: number }

/** No connection came about; `code` is the errno name seen inside the namespace, or ETIMEDOUT. */
export class DialError extends Error {
  readonly code: string
  constructor({ host, port }: Target, code: string) {
    super(`no connection to ${host} port ${port}: ${code}`)
    this.name = 'DialError'
    this.code = code
  }
}

/**
 * Connects from inside the namespace of an agent (agent.ts).
 * @throws DialError when the target refuses, or does not answer within `timeoutMs`
 */
export function dial(agentSocket: string, target: Target, timeoutMs = 2000): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: agentSocket, allowHalfOpen: true })
    const fail = (code: string): void => {
      clearTimeout(timer)
      reject(new DialError(target, code))
      socket.destroy()
    }
    const timer = setTimeout(() => fail('ETIMEDOUT'), timeoutMs)
    socket.on('error', () => fail('EAGENT')).on('close', () => fail('EAGENT'))
    socket.write(`${target.host} ${target.port}\n`)
    let answer = ''
    const onReadable = (): void => {
      for (let byte = readByte(socket); byte !== undefined; byte = readByte(socket)) {
        if (byte !== '\n') answer += byte
        else if (answer !== '') return fail(answer)
        else {
          clearTimeout(timer)
          socket.removeAllListeners()
          socket.on('error', () => socket.destroy())
          return resolve(socket)
        }
      }
    }
    socket.on('readable', onReadable)
  })
}

/** One at a time, so that what follows the line stays in the socket for its new owner. */
function readByte(socket: Socket): string | undefined {
  const byte = socket.read(1) as Buffer | null
  return byte === null ? undefined : byte.toString('latin1')
}

export type Forward = { readonly port: number; readonly close: () => void }

/** Opens a port on this machine's loopback that leads through an agent to `target`, so that ordinary programs reach into the lab. */
export async function forward(agentSocket: string, target: Target): Promise<Forward> {
  const callers = new Set<Socket>()
  const server: Server = createServer((caller) => {
    callers.add(caller)
    caller.on('error', () => caller.destroy()).on('close', () => callers.delete(caller))
    void joinTo(caller, agentSocket, target)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const caller of callers) caller.destroy()
    },
  }
}

async function joinTo(caller: Socket, agentSocket: string, target: Target): Promise<void> {
  try {
    const far = await dial(agentSocket, target)
    far.on('close', () => caller.destroy())
    caller.on('close', () => far.destroy())
    caller.pipe(far)
    far.pipe(caller)
  } catch {
    caller.destroy()
  }
}
