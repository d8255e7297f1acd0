/** Which of the last counters of one sender have been seen. Datagrams may overtake each other by less than its size. */
export type ReplayWindow = { highest: number; readonly seen: number[] }

export const REPLAY_WINDOW = 128
const WORD_BITS = 32

export function replayWindow(): ReplayWindow {
  return { highest: -1, seen: [0, 0, 0, 0] }
}

/** Takes note of a counter; false if it was seen before, or is too old to tell. */
export function acceptCounter(window: ReplayWindow, counter: number): boolean {
  const { highest } = window
  if (counter > highest) {
    for (let at = Math.max(highest + 1, counter - REPLAY_WINDOW + 1); at < counter; at++) mark(window, at, false)
    window.highest = counter
  } else if (counter <= highest - REPLAY_WINDOW || isMarked(window, counter)) {
    return false
  }
  mark(window, counter, true)
  return true
}

const wordOf = (counter: number): number => (counter % REPLAY_WINDOW) >> 5
const bitOf = (counter: number): number => 1 << (counter % WORD_BITS)

function isMarked({ seen }: ReplayWindow, counter: number): boolean {
  return ((seen[wordOf(counter)] ?? 0) & bitOf(counter)) !== 0
}

function mark({ seen }: ReplayWindow, counter: number, isSeen: boolean): void {
  const word = wordOf(counter)
  const bits = seen[word] ?? 0
  seen[word] = isSeen ? bits | bitOf(counter) : bits & ~bitOf(counter)
}
