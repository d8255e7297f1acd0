/** How it is known of the commands of a page that they work. */
type Row = {
  readonly page: string
  readonly commands: RegExp
} & (
  | {
      /** The file of the test that runs them, or what they run. */
      readonly test: string
      /** A text of that file by which it can be seen. */
      readonly seen: string
    }
  | { readonly notRun: string }
)

const GUIDE = 'test/e2e/install-guide.test.ts'
const LOOKS = 'it changes nothing; what it lists is read by the tests of the lab, by the paths of the API'

/**
 * Of every command in an `sh` block who runs it, or why nobody does. A block may say the latter itself, behind its fence:
 * `sh (not run by …)`; and a command that docs/install.md has as well is run there.
 */
export const COMMAND_TABLE: readonly Row[] = [
  { page: 'docs/install.md', commands: /./, test: GUIDE, seen: 'docs/install.md' },
  {
    page: 'README.md',
    commands: /^npm start$/,
    notRun: 'a person sits at its prompt; the lab that it starts is that of the e2e ring',
  },
  { page: 'README.md', commands: /^npm test$/, test: '.ci/run', seen: 'exec npm test' },
  { page: 'README.md', commands: /^npm run build$/, test: 'test/prepare.ts', seen: 'buildPrograms' },
  {
    page: 'README.md',
    commands: /^kubectl apply .*steelyard\.yaml$/,
    test: 'test/e2e/manifests.test.ts',
    seen: "['apply', '-f', MANIFEST]",
  },
  { page: 'README.md', commands: /^kubectl (get|describe) /, notRun: LOOKS },
  { page: 'CONTRIBUTING.md', commands: /^npm (test|run (test:unit|check))$/, test: '.ci/run', seen: 'exec npm test' },
  {
    page: 'CONTRIBUTING.md',
    commands: /^npm run format$/,
    test: 'test/check.ts',
    seen: "'node_modules/.bin/oxfmt', '--check'",
  },
  {
    page: 'CONTRIBUTING.md',
    commands: /^npm run manifests$/,
    test: 'test/e2e/manifests.test.ts',
    seen: 'staleManifests',
  },
  {
    page: 'CONTRIBUTING.md',
    commands: /^npm run docs$/,
    test: 'test/api-reference/document.test.ts',
    seen: 'renderDocument',
  },
  { page: 'docs/bench.md', commands: /^npm run bench /, notRun: 'most of an hour; each figure was taken by it' },
  { page: 'docs/bgp.md', commands: /^kubectl get /, notRun: LOOKS },
  {
    page: 'docs/failover.md',
    commands: /^kubectl annotate node .*maintenance/,
    test: 'test/lab/faults.ts',
    seen: 'steelyard.dev/maintenance',
  },
  { page: 'docs/failover.md', commands: /^kubectl get /, notRun: LOOKS },
  { page: 'docs/upgrade.md', commands: /^kubectl get configurationstates,speakerstatuses /, notRun: LOOKS },
  {
    page: 'docs/metrics.md',
    commands: /./,
    notRun:
      'it needs a Pod; test/e2e/metrics.test.ts reads the same path by Prometheus with such a token, account and role',
  },
]
