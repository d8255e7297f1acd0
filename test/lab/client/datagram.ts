import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

/** Runs in the client's namespace: sends TEXT to HOST PORT by UDP and prints the answer; status 1 when none comes within a second. */
const [host = '', port = '', text = '', sourcePort = '0'] = process.argv.slice(2)

const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
socket.on('message', (answer) => {
  process.stdout.write(answer)
  process.exit(0)
})
socket.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
setTimeout(() => process.exit(1), 1000)
socket.bind(Number(sourcePort), () => socket.send(text, Number(port), host))
