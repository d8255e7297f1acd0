/** A cell: its text, and how it looks. Its width is that of the text. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string }

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)
const GAP = 3

/** Columns under headings, as kubectl sets them; no rows: `none`. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], none: string): string {
  if (rows.length === 0) return `${none}\n`
  const all: readonly (readonly Cell[])[] = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => textOf(row[column] ?? '').length)))
  return all.map((row) => `${line(row, widths)}\n`).join('')
}

function line(row: readonly Cell[], widths: readonly number[]): string {
  return row
    .map((cell, column) => {
      const text = textOf(cell)
      const isLast = column === row.length - 1
      const padding = isLast ? '' : ' '.repeat((widths[column] ?? 0) - text.length + GAP)
      return (typeof cell === 'string' ? text : cell.paint(text)) + padding
    })
    .join('')
    .trimEnd()
}
