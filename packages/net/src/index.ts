export {
  type Address,
  ADDRESS_BITS,
  addressBytes,
  addressFromBytes,
  addressValue,
  compareAddresses,
  type Family,
  formatAddress,
  nextAddress,
  parseAddress,
  previousAddress,
  sameAddress,
} from './address.ts'
export { internetChecksum } from './checksum.ts'
export { type Decoded, decoded } from './decoded.ts'
export { formatMac, type Mac, parseMac, sameBytes } from './mac.ts'
export {
  formatPrefix,
  lastOfPrefix,
  parsePrefix,
  type Prefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
} from './prefix.ts'
export {
  parseRange,
  type Range,
  rangeContains,
  rangeOfPrefix,
  type RangeProblem,
  rangeSize,
  rangeToPrefixes,
} from './range.ts'
export { type Reader, reader, WireError } from './reader.ts'
export { NETWORK_CONTROL, precedenceOf } from './traffic-class.ts'
export { type Writer, writer } from './writer.ts'
