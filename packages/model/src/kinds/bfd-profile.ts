import type { BfdProfile } from '../config.ts'
import { KINDS } from '../names.ts'
import { type Found, type ValueOf } from '../reading/found.ts'
import { type Named, readObject } from '../reading/objects.ts'
import { flag, integer } from '../reading/scalars.ts'
import { fields, withDefault } from '../reading/structures.ts'

const intervalMs = integer(10, 60_000)

/** The defaults are not in the schema: what is in effect when a profile says nothing. */
const spec = withDefault(
  fields({
    receiveInterval: withDefault(intervalMs, 300),
    transmitInterval: withDefault(intervalMs, 300),
    echoInterval: withDefault(intervalMs, 50),
    detectMultiplier: withDefault(integer(2, 255), 3),
    minimumTtl: withDefault(integer(1, 254), 254),
    echoMode: withDefault(flag, false),
    passiveMode: withDefault(flag, false),
  }),
  {},
)

export type ReadBfdProfile = Named<ValueOf<typeof spec>>

export function readBfdProfile(object: unknown): Found<ReadBfdProfile> {
  return readObject(KINDS.bfdProfile, object, spec)
}

export function resolveBfdProfile({ name, spec: read }: ReadBfdProfile): BfdProfile {
  const { receiveInterval, transmitInterval, echoInterval, ...rest } = read
  return {
    name,
    receiveIntervalMs: receiveInterval,
    transmitIntervalMs: transmitInterval,
    echoIntervalMs: echoInterval,
    ...rest,
  }
}
