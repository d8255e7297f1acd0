import { writeFileSync } from 'node:fs'
import * as badInput from './bad-input/document.ts'
import * as bgpChanges from './bgp-changes/document.ts'
import * as conformance from './bgp-conformance/document.ts'
import * as cli from './cli/document.ts'
import * as troubleshooting from './cli/troubleshooting.ts'
import * as interop from './netns/bgp/document.ts'

/** `npm run docs`: the pages that are made from the tables of tests. */
for (const { DOCUMENT, renderDocument } of [badInput, bgpChanges, conformance, interop, cli, troubleshooting])
  writeFileSync(DOCUMENT, renderDocument())
