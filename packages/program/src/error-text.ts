/** How deep a chain of causes is told; deeper ones say nothing a reader could use. */
const CAUSES = 4

/** One line for anything thrown: the message and those of its causes. No stack: logs are for operators. */
export function errorText(error: unknown): string {
  const parts: string[] = []
  let at = error
  for (let depth = 0; at !== undefined && at !== null && depth <= CAUSES; depth++) {
    const text = at instanceof Error ? at.message || at.name : plainText(at)
    if (!parts.some((part) => part.includes(text))) parts.push(text)
    at = at instanceof Error ? at.cause : undefined
  }
  return parts.length === 0 ? String(error) : parts.join(': ')
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
