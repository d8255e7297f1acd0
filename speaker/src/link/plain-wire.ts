import type { Message, Wire } from '@steelyard/membership'

/** A test double of sealing: what is said can be read, whose secret it is too, and each datagram has its counter. */
export function plainWire(boot: Uint8Array, secrets: readonly Uint8Array[]): Wire {
  const texts = secrets.map((secret) => Buffer.from(secret).toString('hex'))
  let counter = 0
  return {
    seal: (message) => {
      const sealed = { key: texts[0] ?? '', boot: Buffer.from(boot).toString('hex'), counter: counter++, message }
      return new TextEncoder().encode(JSON.stringify(sealed, bytesAsText))
    },
    open: (bytes) => {
      const sealed = parsed(bytes)
      if (sealed === undefined) return { ok: false, reason: 'Malformed' }
      if (!texts.includes(sealed.key) && texts.length > 0) return { ok: false, reason: 'WrongKey' }
      return { ok: true, boot: Buffer.from(sealed.boot, 'hex'), counter: sealed.counter, message: sealed.message }
    },
  }
}

type Sealed = { readonly key: string; readonly boot: string; readonly counter: number; readonly message: Message }

/** A Buffer is turned into an object of its own making before the replacer sees it. */
function bytesAsText(_key: string, value: unknown): unknown {
  const bytes = bytesOf(value)
  return bytes === undefined ? value : { hex: Buffer.from(bytes).toString('hex') }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  const isBuffer = typeof value === 'object' && value !== null && 'type' in value && 'data' in value
  return isBuffer && value.type === 'Buffer' ? Uint8Array.from(value.data as number[]) : undefined
}

function parsed(bytes: Uint8Array): Sealed | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes), (_key, value: unknown) => {
      const isBytes = typeof value === 'object' && value !== null && 'hex' in value
      return isBytes ? Uint8Array.from(Buffer.from(String(value.hex), 'hex')) : value
    }) as Sealed
  } catch {
    return undefined
  }
}
