import { writeFileSync } from 'node:fs'
import * as chart from '../scripts/chart-readme.ts'
import * as api from './api-reference/document.ts'
import * as badInput from './bad-input/document.ts'
import * as bgpChanges from './bgp-changes/document.ts'
import * as conformance from './bgp-conformance/document.ts'
import * as cli from './cli/document.ts'
import * as troubleshooting from './cli/troubleshooting.ts'
import * as metrics from './metrics/document.ts'
import * as interop from './netns/bgp/document.ts'
import * as proxyModes from './proxy-modes/document.ts'

/** `npm run docs`: the pages that are made from the tables of tests, and the table of the chart's values. */
for (const { DOCUMENT, renderDocument } of [
  api,
  badInput,
  bgpChanges,
  chart,
  cli,
  conformance,
  interop,
  metrics,
  proxyModes,
  troubleshooting,
])
  writeFileSync(DOCUMENT, renderDocument())
