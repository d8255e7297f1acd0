import {
  addressBytes,
  addressFromBytes,
  type Decoded,
  decoded,
  formatAddress,
  parseAddress,
  reader,
  type Reader,
  WireError,
  type Writer,
  writer,
} from '@steelyard/net'
import { LARGEST_RECORD_BYTES, LONGEST_WANTED_INTERFACE_BYTES, MAC_BYTES } from './constants.ts'
import type { AddressClaim, NodeRecord } from './record.ts'
import { checkEnd, type Field, fixed, flag, layout, list, text, u16, u32 } from './wire-fields.ts'

const IPV4_BYTES = 4
const IPV6_BYTES = 16

/** The family in a flag (set: IPv6), then the address. Of an address there is one spelling only. */
const ip: Field<string> = {
  write: (to, value) => {
    const address = parseAddress(value)
    if (address === undefined) throw new WireError(`"${value}" is no address`, to.length())
    flag.write(to, address.family === 6)
    to.bytes(addressBytes(address))
  },
  read: (from) => {
    const isIpv6 = flag.read(from)
    const address = addressFromBytes(from.bytes(isIpv6 ? IPV6_BYTES : IPV4_BYTES))
    const found = address === undefined ? '' : formatAddress(address)
    // Of IPv4 every four bytes are one; of IPv6 those that stand for an IPv4 address are none.
    if (isIpv6 && parseAddress(found) === undefined) throw new WireError(`"${found}" is no address`, from.offset())
    return found
  },
}

/** Sorted by `key` and each once, so that equal sets are equal bytes; a writer sorts, a reader insists. */
function sorted<T>(values: Field<readonly T[]>, key: (value: T) => string): Field<readonly T[]> {
  const check = (found: readonly T[], offset: number): readonly T[] => {
    for (let at = 1; at < found.length; at++) {
      if (order(key(found[at - 1] as T), key(found[at] as T)) >= 0) {
        throw new WireError(`"${key(found[at] as T)}" is there twice, or out of its place`, offset)
      }
    }
    return found
  }
  return {
    write: (to, all) =>
      values.write(
        to,
        check(
          all.toSorted((a, b) => order(key(a), key(b))),
          to.length(),
        ),
      ),
    read: (from) => check(values.read(from), from.offset()),
  }
}

/** Not by locale: all machines must agree. */
function order(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

const claim = layout<AddressClaim>({ ip, epoch: u32, minority: flag, releasing: flag })
const interfaces = sorted(list(u16, 0xffff, text(LONGEST_WANTED_INTERFACE_BYTES)), (name) => name)

const RECORD = layout<NodeRecord>({
  draining: flag,
  claims: sorted(list(u32, LARGEST_RECORD_BYTES, claim), (one) => one.ip),
  missing: interfaces,
  impaired: interfaces,
  macs: list(u16, 0xffff, fixed(MAC_BYTES)),
})

/**
 * A record whole, to be cut into parts by `splitRecord`. Equal records are equal bytes.
 * @throws WireError when a value does not fit, or the whole is more than 1 MiB
 */
export function encodeRecord(record: NodeRecord): Uint8Array {
  const to: Writer = writer()
  RECORD.write(to, record)
  checkSize(to.length())
  return to.done()
}

export function decodeRecord(bytes: Uint8Array): Decoded<NodeRecord> {
  return decoded(() => {
    checkSize(bytes.length)
    const from: Reader = reader(bytes)
    const record = RECORD.read(from)
    checkEnd(from)
    return record
  })
}

function checkSize(bytes: number): void {
  if (bytes > LARGEST_RECORD_BYTES) throw new WireError(`a record of more than ${LARGEST_RECORD_BYTES} bytes`, bytes)
}
