import { CHANGE_TABLE, type ChangeEffect } from '../../speaker/src/decide/bgp/change-table.ts'

export const DOCUMENT = new URL('../../docs/bgp-changes.md', import.meta.url).pathname

const INTRO = `# What a change does to BGP sessions

<!-- Made by \`npm run docs\` from speaker/src/decide/bgp/change-table.ts; tests hold the table against the schemas and the code. -->

A change of one peer touches no session but its own, and that only where the protocol leaves no other way.`

const EFFECTS: Readonly<Record<ChangeEffect, string>> = {
  nothing: 'the session goes on, and nothing is said',
  refresh: 'the session goes on; the routes that differ, and only they, are told by UPDATE',
  retune: 'the session goes on; something of it is set anew in place',
  reset: 'the session is closed with a word (Cease, Other Configuration Change) and made anew',
}

/** docs/bgp-changes.md: the table that the tests hold against the schemas. */
export function renderDocument(): string {
  const kinds = Map.groupBy(CHANGE_TABLE, ({ kind }) => kind)
  const legend = Object.entries(EFFECTS).map(([effect, meaning]) => `| ${effect} | ${meaning} |`)
  const sections = [...kinds].map(([kind, rows]) => {
    const lines = rows.map(({ field, effect, why }) => `| \`${field}\` | ${effect} | ${why} |`)
    return [`## ${kind}\n`, '| field | effect | why |', '| --- | --- | --- |', ...lines].join('\n')
  })
  return `${[INTRO, ['| effect | |', '| --- | --- |', ...legend].join('\n'), ...sections].join('\n\n')}\n`
}
