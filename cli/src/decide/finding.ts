/** Something that is not as it should be: the product's word for it, a sentence, and what to do. */
export type Finding = { readonly reason: string; readonly message: string; readonly advice: string }

/** More than this a sentence does not bear. */
const MOST_TOLD = 5

/** A list as text that has an end. */
export function listed(items: readonly string[], separator = ', '): string {
  const told = items.slice(0, MOST_TOLD)
  const more = items.length - told.length
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join(separator)
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** What nodes have to say, those that say the same together: `worker-1, worker-2: the node is labelled …`. */
export function nodesListed(said: readonly { readonly node: string; readonly message: string }[]): string {
  const groups = Map.groupBy(said, ({ node, message }) => message.replaceAll(`node ${node}`, 'the node'))
  const texts = [...groups].map(([text, alike]) => {
    const isAboutNode = text.includes('the node')
    return isAboutNode ? `${listed(alike.map(({ node }) => node))}: ${text}` : text
  })
  return listed(texts, '; ')
}
