import { connect, createServer, type Socket } from 'node:net'

/**
 * Runs inside a network namespace and lends the lab its hand there: it listens on a Unix socket
 * (a path is seen from every network namespace), reads one line `HOST PORT`, connects to that,
 * answers with an empty line, or the name of the error (`ECONNREFUSED`), and passes bytes both ways.
 * Says `ready` once it listens.
 */
const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('usage: agent.ts SOCKET')

const LONGEST_LINE = 300

createServer({ allowHalfOpen: true }, (caller) => {
  let head = Buffer.alloc(0)
  caller.on('error', () => caller.destroy())
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\n')
    if (end < 0 && head.length > LONGEST_LINE) return void caller.destroy()
    if (end < 0) return
    caller.off('data', onData)
    caller.pause()
    const [host = '', port = ''] = head.subarray(0, end).toString().split(' ')
    passOn(caller, { host, port: Number(port) }, head.subarray(end + 1))
  }
  caller.on('data', onData)
}).listen(path, () => console.log('ready'))

function passOn(caller: Socket, to: { readonly host: string; readonly port: number }, first: Buffer): void {
  const target = connect({ ...to, allowHalfOpen: true })
  const refuse = (error: NodeJS.ErrnoException): void => void caller.end(`${error.code ?? 'EUNKNOWN'}\n`)
  target.once('error', refuse)
  caller.on('close', () => target.destroy())
  target.once('connect', () => {
    target.off('error', refuse).on('error', () => caller.destroy())
    target.on('close', () => caller.destroy())
    caller.write('\n')
    if (first.length > 0) target.write(first)
    caller.pipe(target)
    target.pipe(caller)
  })
}
