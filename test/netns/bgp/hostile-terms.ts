/** What can be done to us. */
export type Misdeed = 'million' | 'flood' | 'half open' | 'open only'
export const HOSTILE_ASN = 65_002
export const MILLION = 1_000_000
export const REQUESTS = 10_000
