/** One life of one member: what is said of it holds for no other. */
export type Incarnation = {
  readonly node: string
  /** 16 random bytes, new at each start of the process. */
  readonly boot: Uint8Array
  /** Raised by the member itself when others take it for dead. */
  readonly incarnation: number
}
