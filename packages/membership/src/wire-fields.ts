import { type Reader, WireError, type Writer } from '@steelyard/net'

/** One field of a layout: how it is written and how it is read, together. */
export type Field<T> = {
  /** @throws WireError when the value does not fit. */
  readonly write: (to: Writer, value: T) => void
  /** @throws WireError when the bytes are no such value. */
  readonly read: (from: Reader) => T
}

export const u8: Field<number> = { write: (to, value) => void to.u8(value), read: (from) => from.u8() }
export const u16: Field<number> = { write: (to, value) => void to.u16(value), read: (from) => from.u16() }
export const u32: Field<number> = { write: (to, value) => void to.u32(value), read: (from) => from.u32() }

export const flag: Field<boolean> = {
  write: (to, value) => void to.u8(value ? 1 : 0),
  read: (from) => {
    const value = from.u8()
    if (value > 1) throw new WireError(`a flag is ${value}`, from.offset() - 1)
    return value === 1
  },
}

export function fixed(length: number): Field<Uint8Array> {
  return {
    write: (to, value) => {
      if (value.length !== length) throw new WireError(`${value.length} bytes where ${length} belong`, to.length())
      to.bytes(value)
    },
    read: (from) => from.bytes(length),
  }
}

/** A blob behind its length (u16), never empty. */
export const blob: Field<Uint8Array> = {
  write: (to, value) => {
    if (value.length === 0) throw new WireError('no bytes', to.length())
    to.u16(value.length).bytes(value)
  },
  read: (from) => {
    const length = from.u16()
    if (length === 0) throw new WireError('no bytes', from.offset() - 2)
    return from.bytes(length)
  },
}

const UTF8_WRITER = new TextEncoder()
/** `ignoreBOM` means to keep it: two texts that differ on the wire never become one. */
const UTF8_READER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A text behind its length in bytes (u8, or u16 when it may be longer than 255), never empty. */
export function text(longest: number): Field<string> {
  const length = longest > 0xff ? u16 : u8
  return {
    write: (to, value) => {
      const bytes = UTF8_WRITER.encode(value)
      checkLength(bytes.length, longest, to.length())
      if (!value.isWellFormed()) throw new WireError('half a surrogate pair', to.length())
      length.write(to, bytes.length)
      to.bytes(bytes)
    },
    read: (from) => {
      const bytes = length.read(from)
      checkLength(bytes, longest, from.offset())
      return utf8(from.bytes(bytes), from.offset())
    },
  }
}

function checkLength(bytes: number, longest: number, offset: number): void {
  if (bytes === 0) throw new WireError('an empty name', offset)
  if (bytes > longest) throw new WireError(`a name of ${bytes} bytes, at most ${longest}`, offset)
}

function utf8(bytes: Uint8Array, offset: number): string {
  try {
    return UTF8_READER.decode(bytes)
  } catch {
    throw new WireError('a name that is not UTF-8', offset)
  }
}

/** Values that stand for one code each. */
export function coded<K extends string>(what: string, codes: Readonly<Record<K, number>>): Field<K> {
  const names = new Map(Object.keys(codes).map((name) => [codes[name as K], name as K]))
  return {
    write: (to, value) => void to.u8(codes[value]),
    read: (from) => {
      const code = from.u8()
      const name = names.get(code)
      if (name === undefined) throw new WireError(`unknown ${what} ${code}`, from.offset() - 1)
      return name
    },
  }
}

/** A flag, and the value when it is set. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    write: (to, value) => {
      flag.write(to, value !== undefined)
      if (value !== undefined) field.write(to, value)
    },
    read: (from) => (flag.read(from) ? field.read(from) : undefined),
  }
}

/** Values behind their number. Every value takes bytes, so what is read is bounded by what came in. */
export function list<T>(count: Field<number>, most: number, field: Field<T>): Field<readonly T[]> {
  return {
    write: (to, values) => {
      if (values.length > most) throw new WireError(`${values.length} values, at most ${most}`, to.length())
      count.write(to, values.length)
      for (const value of values) field.write(to, value)
    },
    read: (from) => {
      const values: T[] = []
      let left = count.read(from)
      if (left > most) throw new WireError(`${left} values, at most ${most}`, from.offset())
      for (; left > 0; left--) values.push(field.read(from))
      return values
    },
  }
}

/** A field for each member of `T`. */
export type Fields<T> = { readonly [member in keyof T]-?: Field<T[member]> }

/** The fields one behind the other, in the order in which they are named. */
export function layout<T extends object>(fields: Fields<T>): Field<T> {
  const names = Object.keys(fields) as (keyof T)[]
  return {
    write: (to, value) => {
      for (const name of names) fields[name].write(to, value[name])
    },
    read: (from) => {
      const value: Partial<T> = {}
      for (const name of names) {
        const found = fields[name].read(from)
        if (found !== undefined) value[name] = found
      }
      return value as T
    },
  }
}

/** @throws WireError when something stands behind the last field. */
export function checkEnd(from: Reader): void {
  if (from.remaining() > 0) throw new WireError(`${from.remaining()} bytes too many`, from.offset())
}
