/** The one home of both programs' own ports. The field's manifests and probes carry these numbers. */
export const HEALTH_PORT = 17472
export const METRICS_PORT = 9120

/** A port is 16 bits. RFC 9293 section 3.1, RFC 768. */
export const HIGHEST_PORT = 65535
