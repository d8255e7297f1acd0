/** Tells the story as it goes, each step with the time since the start. */
export type Teller = {
  readonly step: (line: string) => void
  /** Indented below the last step; may have several lines. */
  readonly detail: (text: string) => void
  readonly seconds: () => string
}

export function teller(write: (line: string) => void, now: () => number): Teller {
  const started = now()
  const seconds = (): string => ((now() - started) / 1000).toFixed(1)
  return {
    seconds,
    step: (line) => write(`[${seconds().padStart(5)} s] ${line}`),
    detail: (text) => {
      for (const line of text.trimEnd().split('\n')) write(`          ${line}`)
    },
  }
}
