import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'

/**
 * What the lab runs for every Pod that is not one of ours: a web server on the Pod's TCP ports and an
 * echo on its UDP ports. Both answer with one line of JSON: who answers, from where, and the address
 * the caller seems to have.
 */
const { POD = '', NODE = '', TCP_PORTS = '', UDP_PORTS = '' } = process.env

const portsOf = (list: string): number[] => list.split(',').filter(Boolean).map(Number)
const plain = (address = ''): string => address.replace(/^::ffff:/, '')

for (const port of portsOf(TCP_PORTS)) {
  const server = createServer((asked, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(
      `${JSON.stringify({ pod: POD, node: NODE, client: plain(asked.socket.remoteAddress), path: asked.url })}\n`,
    )
  })
  server.keepAliveTimeout = 1000
  server.listen(port, '::')
}

for (const port of portsOf(UDP_PORTS)) {
  const socket = createSocket('udp6')
  socket.on('message', (said, { address, port: from }) => {
    const line = { pod: POD, node: NODE, client: plain(address), said: said.toString().trim() }
    socket.send(`${JSON.stringify(line)}\n`, from, address)
  })
  socket.bind(port)
}

process.on('SIGTERM', () => process.exit(0))
