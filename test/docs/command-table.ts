/** How it is known of some commands that they work. */
type Row = { readonly commands: RegExp } & (
  | {
      /** The file of the test that runs them, or what they run. */
      readonly test: string
      /** A text of that file by which it can be seen. */
      readonly seen: string
    }
  | { readonly notRun: string }
)

/**
 * Of every command in an `sh` block who runs it, or why nobody does. Three kinds need no row: those of a page that is the `GUIDE` of a
 * test of the e2e ring, which runs all of it; the same commands on other pages; and blocks that say the reason themselves, behind their
 * fence: `sh (not run by …)`.
 */
export const COMMAND_TABLE: readonly Row[] = [
  { commands: /^npm start$/, notRun: 'a person sits at its prompt; the lab that it starts is that of the e2e ring' },
  { commands: /^npm (test|run (test:unit|check))$/, test: '.ci/run', seen: 'exec npm test' },
  { commands: /^npm run format$/, test: 'test/check.ts', seen: "'node_modules/.bin/oxfmt', '--check'" },
  { commands: /^npm run manifests$/, test: 'test/e2e/manifests.test.ts', seen: 'staleManifests' },
  { commands: /^npm run image$/, test: 'test/e2e/image.test.ts', seen: 'scripts/image.ts' },
  {
    commands: /^kubectl apply -f \S+\/steelyard\.yaml$/,
    test: 'test/e2e/manifests.test.ts',
    seen: "['apply', '-f', MANIFEST]",
  },
  {
    commands: /^kubectl apply -f config\/samples\/web\.yaml$/,
    test: 'test/kernel/lab-ipvs-tutorial.test.ts',
    seen: "'config/samples/web.yaml'",
  },
  { commands: /^npm run docs$/, test: 'test/api-reference/document.test.ts', seen: 'renderDocument' },
  { commands: /^npm run bench /, notRun: 'most of an hour; each figure was taken by it' },
  {
    commands: /^kubectl (get|describe) /,
    notRun: 'it changes nothing; what it lists is read by the tests of the lab, by the paths of the API',
  },
  {
    commands: /^kubectl annotate node \S+ steelyard\.dev\/maintenance/,
    test: 'test/lab/faults.ts',
    seen: 'dev/maintenance',
  },
  {
    commands: /^(kubectl (-n metallb-system )?(create|port-forward) |TOKEN=|curl -sk )/,
    notRun: 'it needs a Pod; test/e2e/metrics.test.ts reads the same path by Prometheus, with such an account and role',
  },
]
