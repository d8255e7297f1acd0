/**
 * A peer that means no good, or is broken: takes connections on port 179 of its namespace and does to each what its
 * argument says. Says `ready` when it listens, and `told` when it has sent all.
 */
import { encodeMessage, type Message, type WireTerms } from '@steelyard/bgp-ts'
import { parseAddress, type Prefix, prefixOf } from '@steelyard/net'
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { HOSTILE_ASN, MILLION, type Misdeed, REQUESTS } from './hostile-terms.ts'

const TERMS: WireTerms = { fourOctetAsn: true, extendedMessage: false, internal: false }
const ADDRESS = parseAddress('192.0.2.2') ?? assert.fail()
/** Of five bytes each, well within a message of 4096. */
const PER_UPDATE = 500
const KEEPALIVE_EVERY_MS = 1000

const OPEN: Message = {
  kind: 'open',
  version: 4,
  asn: HOSTILE_ASN,
  holdSeconds: 6,
  routerId: 42,
  capabilities: [
    { kind: 'multiprotocol', afi: 1, safi: 1 },
    { kind: 'routeRefresh' },
    { kind: 'fourOctetAsn', asn: HOSTILE_ASN },
  ],
}

/** The n-th of a million: /28 of 10.0.0.0/8. */
function prefixAt(n: number): Prefix {
  return prefixOf({ family: 4, words: [((10 << 24) | (n << 4)) >>> 0] }, 28)
}

function* million(): Generator<Uint8Array> {
  for (let from = 0; from < MILLION; from += PER_UPDATE) {
    const reachable = Array.from({ length: PER_UPDATE }, (_, n) => prefixAt(from + n))
    const attributes = {
      origin: 'igp',
      asPath: [{ kind: 'sequence', asns: [HOSTILE_ASN, 64_496 + (from % 16)] }],
      nextHop: ADDRESS,
    } as const
    yield encodeMessage({ kind: 'update', withdrawn: [], attributes, reachable }, TERMS)
  }
}

/** Requests for everything, one upon the other: each asks for an answer of the whole table. */
function* flood(): Generator<Uint8Array> {
  const one = encodeMessage({ kind: 'routeRefresh', afi: 1, safi: 1, subtype: 0 }, TERMS)
  const batch = Buffer.concat(Array.from({ length: PER_UPDATE }, () => one))
  for (let sent = 0; sent < REQUESTS; sent += PER_UPDATE) yield batch
}

function greet(socket: Socket): void {
  socket.write(encodeMessage(OPEN, TERMS))
  socket.write(encodeMessage({ kind: 'keepalive' }, TERMS))
  const beating = setInterval(() => socket.write(encodeMessage({ kind: 'keepalive' }, TERMS)), KEEPALIVE_EVERY_MS)
  socket.on('close', () => clearInterval(beating))
}

/** As fast as the other side reads. */
function pour(socket: Socket, source: Generator<Uint8Array>): void {
  const go = (): void => {
    for (;;) {
      const { value, done } = source.next()
      if (done === true) return void process.stdout.write('told\n')
      if (!socket.write(value)) return void socket.once('drain', go)
    }
  }
  go()
}

const DEEDS: Readonly<Record<Misdeed, (socket: Socket) => void>> = {
  million: (socket) => {
    greet(socket)
    pour(socket, million())
  },
  flood: (socket) => {
    greet(socket)
    pour(socket, flood())
  },
  'half open': () => {},
  'open only': (socket) => void socket.write(encodeMessage(OPEN, TERMS)),
}

const deed = DEEDS[process.argv[2] as Misdeed]
createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.resume()
  deed(socket)
}).listen(179, () => process.stdout.write('ready\n'))
