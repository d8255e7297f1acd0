/** An Ethernet address: 6 bytes. */
export type Mac = Uint8Array

const TEXT = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i

/** @returns undefined unless `text` is six colon-separated hex octets. */
export function parseMac(text: string): Mac | undefined {
  return TEXT.test(text) ? Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16)) : undefined
}

export function formatMac(mac: Mac): string {
  return Array.from(mac, (octet) => octet.toString(16).padStart(2, '0')).join(':')
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index])
}
