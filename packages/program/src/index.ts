export {
  type Authority,
  type KeyedCertificate,
  makeAuthority,
  type SignedCertificate,
  type SignedWish,
  type Validity,
} from './authority.ts'
export { COMMON_FLAGS, commonProblems, IGNORED_ENVIRONMENT, IGNORED_FLAGS, ignoredWarnings } from './common-flags.ts'
export { HEALTH_PORT, HIGHEST_PORT, METRICS_PORT } from './constants.ts'
export { errorText } from './error-text.ts'
export { choiceFlag, type Flag, numberFlag, switchFlag, textFlag } from './flag-kinds.ts'
export { type FlagTable, type FlagValues, type ReadFlags, readFlags, usage } from './flags.ts'
export { type HealthCheck, type HealthServer, startHealth } from './health.ts'
export { createLogger, LOG_LEVELS, type LogFields, type Logger, type LogLevel } from './logger.ts'
export type { Certificate, CertificateWish } from './certificate.ts'
export { makeCertificate, makeSignedCertificate } from './make-certificate.ts'
export type { CallerVerdict } from './metrics/gate.ts'
export type { MetricsServer } from './metrics/metrics-server.ts'
export { PROCESS_SERIES, type ProcessSource, thisProcess } from './metrics/process-series.ts'
export { nearestName } from './nearest-name.ts'
export { ownNamespace } from './own-namespace.ts'
export { refuseStart } from './refuse-start.ts'
export { preferSmallHeap } from './small-heap.ts'
export { stopOnSignal } from './stop-on-signal.ts'
export { serveMetrics } from './metrics/serve-metrics.ts'
export { type TlsFlags, type TlsSettings, tlsSettings, type TlsVersion } from './tls-settings.ts'
