import {
  choiceFlag,
  COMMON_FLAGS,
  commonProblems,
  type FlagTable,
  type FlagValues,
  IGNORED_FLAGS,
  ignoredWarnings,
  readFlags,
  switchFlag,
  textFlag,
} from '@steelyard/program'

const SECRET_FLAGS = {
  'ml-secret-name': textFlag({
    placeholder: 'NAME',
    env: 'METALLB_ML_SECRET_NAME',
    help: 'the membership Secret, created when it is absent; empty: none is created',
  }),
  deployment: textFlag({
    placeholder: 'NAME',
    env: 'METALLB_DEPLOYMENT',
    help: 'the own Deployment, owner of the membership Secret; it must exist where that Secret has a name',
  }),
} satisfies FlagTable

const WEBHOOK_FLAGS = {
  'webhook-mode': choiceFlag({
    choices: ['enabled', 'disabled', 'onlywebhook'],
    fallback: 'enabled',
    help: 'whether changes of configuration are judged when the API server asks; onlywebhook: this process allocates nothing',
  }),
  'disable-cert-rotation': switchFlag({
    help: 'make no webhook certificate: take that in --cert-dir, and leave it to others to have it trusted',
  }),
  'cert-dir': textFlag({
    placeholder: 'DIR',
    fallback: '/tmp/k8s-webhook-server/serving-certs',
    help: 'folder of tls.crt and tls.key for the webhook, under --disable-cert-rotation',
  }),
  'cert-service-name': textFlag({
    placeholder: 'NAME',
    fallback: 'metallb-webhook-service',
    help: 'the Service in front of the webhook, whose name the certificate is for',
  }),
  'webhook-secret': textFlag({
    placeholder: 'NAME',
    fallback: 'metallb-webhook-cert',
    help: 'the Secret of the webhook certificate, made and kept unless --disable-cert-rotation',
  }),
  'webhook-http2': switchFlag({ help: 'offer HTTP/2 at the webhook' }),
} satisfies FlagTable

export const CONTROLLER_FLAGS = {
  ...COMMON_FLAGS,
  ...WEBHOOK_FLAGS,
  ...SECRET_FLAGS,
  ...IGNORED_FLAGS,
} satisfies FlagTable

export type ControllerFlags = FlagValues<typeof CONTROLLER_FLAGS>

export type ReadControllerFlags =
  | { readonly kind: 'values'; readonly values: ControllerFlags; readonly warnings: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

type Source = Parameters<typeof readFlags>[1]

/** Reads the command line and the environment. A flag that does nothing is read and judged, and said to do nothing. */
export function readControllerFlags(source: Source): ReadControllerFlags {
  const read = readFlags(CONTROLLER_FLAGS, source)
  if (read.kind !== 'values') return read
  const problems = [...commonProblems(read.values), ...secretProblems(read.values)]
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'values', values: read.values, warnings: ignoredWarnings({ ...read, ...source }) }
}

function secretProblems(values: ControllerFlags): string[] {
  if (values['ml-secret-name'] === '' || values.deployment !== '') return []
  return ['--ml-secret-name needs --deployment: the Secret goes when the Deployment that owns it does']
}
