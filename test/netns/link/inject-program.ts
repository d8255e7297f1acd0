/** Sends the frames that come as lines of hex on stdin out of the interface named in its argument, as they are. */
import { kernelIo } from '@steelyard/raw-socket'
import { readFileSync } from 'node:fs'

const io = kernelIo()
const netlink = io.openNetlink({ topics: ['link'] })
const link = netlink.dumpLinks().find(({ name }) => name === process.argv[2])
if (link === undefined) throw new Error(`there is no interface ${process.argv[2] ?? '(not named)'} here`)
const socket = io.openPacket({ ifindex: link.index, filter: [{ code: 0x06, jt: 0, jf: 0, k: 0 }] })
for (const line of readFileSync(0, 'utf8').split('\n')) if (line !== '') socket.send(Buffer.from(line, 'hex'))
socket.close()
netlink.close()
