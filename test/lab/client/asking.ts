import { kernelIo } from '@steelyard/raw-socket'
import { UPLINK } from '../topology.ts'

/**
 * Runs in a machine's namespace: broadcasts an ARP request for each ADDRESS once in EVERY ms, spread evenly, until
 * it is killed. Says `ready` before the first. The frames are laid out here, by RFC 826: the judge does not use the
 * codecs it judges.
 */
const [mac = '', own = '', every = '', ...addresses] = process.argv.slice(2)

const macBytes = mac.split(':').map((byte) => Number.parseInt(byte, 16))
const ipBytes = (address: string): readonly number[] => address.split('.').map(Number)

function request(target: string): Uint8Array {
  const ethernet = [...Array<number>(6).fill(0xff), ...macBytes, 0x08, 0x06]
  const arp = [0, 1, 0x08, 0, 6, 4, 0, 1, ...macBytes, ...ipBytes(own), ...Array<number>(6).fill(0), ...ipBytes(target)]
  return Uint8Array.from([...ethernet, ...arp])
}

/** Takes nothing in (BPF: return 0). */
const NO_FRAMES = [{ code: 0x06, jt: 0, jf: 0, k: 0 }]

const io = kernelIo()
const netlink = io.openNetlink({ topics: ['link'] })
const link = netlink.dumpLinks().find(({ name }) => name === UPLINK)
if (link === undefined) throw new Error(`there is no interface ${UPLINK} here`)
netlink.close()
const socket = io.openPacket({ ifindex: link.index, filter: NO_FRAMES })
const frames = addresses.map(request)

/** Several at a time where they would come closer together than a timer can. */
const STEP_MS = 5
let sent = 0
const started = performance.now()
console.log('ready')
setInterval(() => {
  const due = Math.floor(((performance.now() - started) / Number(every)) * frames.length)
  // After a pause of this process only the newest are asked: a burst of old questions would prove nothing.
  for (sent = Math.max(sent, due - frames.length); sent < due; sent++) {
    const frame = frames[sent % frames.length]
    if (frame !== undefined) socket.send(frame)
  }
}, STEP_MS)
