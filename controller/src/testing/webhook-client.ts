import { X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'

export type WebhookAnswer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Serial number of the certificate that the server showed. */
  readonly serial: string
}

export type Question = {
  readonly port: number
  readonly path: string
  readonly body: string
  /** PEM of whom the client trusts. */
  readonly ca: string
  readonly servername: string
  /** Takes any certificate: where a test's time is not the machine's, see `serialTrusted`. */
  readonly trustAll?: boolean
  readonly method?: string
  readonly type?: string
}

/** One question over a connection of its own, as an API server would ask it. Rejects when TLS or the connection fails. */
export function askWebhook(question: Question): Promise<WebhookAnswer> {
  const { port, path, body, ca, servername, method = 'POST', type = 'application/json', trustAll = false } = question
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) }
    const asking = request(
      { host: '127.0.0.1', port, path, method, ca, servername, headers, agent: false, rejectUnauthorized: !trustAll },
      (response) => {
        const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => void parts.push(part))
        response.on('end', () => {
          const text = Buffer.concat(parts).toString()
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, serial })
        })
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

/** The body of a question about a new object. */
export function reviewOf(object: { readonly kind: string; readonly metadata: object }, more: object = {}): string {
  const { namespace, name } = object.metadata as { readonly namespace?: string; readonly name?: string }
  const kind = { group: 'metallb.io', version: 'v1beta1', kind: object.kind }
  const request = { uid: 'u-1', kind, operation: 'CREATE', namespace, name, object, oldObject: null, ...more }
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request })
}

type Response = {
  readonly uid: string
  readonly allowed: boolean
  readonly status?: { readonly code: number; readonly message: string }
  readonly warnings?: readonly string[]
}

/** What the API server would take from the answer. */
export function responseIn({ text }: Pick<WebhookAnswer, 'text'>): Response {
  return (JSON.parse(text) as { readonly response: Response }).response
}

/**
 * The serial number of the certificate that a client meets who trusts `bundle`, at a time of the test's own: TLS itself
 * would go by the machine's clock. @throws Error when such a client would not trust it
 */
export async function serialTrusted(port: number, servername: string, trust: Trust): Promise<string> {
  const shown = await new Promise<X509Certificate>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerX509Certificate()
      if (certificate === undefined) reject(new Error('no certificate is shown'))
      else resolve(certificate)
      socket.destroy()
    })
    socket.on('error', reject)
  })
  const holds = ({ validFromDate, validToDate }: X509Certificate): boolean =>
    validFromDate <= trust.now && trust.now < validToDate
  const issuers = trust.bundle.split(/(?<=-----END CERTIFICATE-----\n)/).map((text) => new X509Certificate(text))
  const isIssued = issuers.some((ca) => holds(ca) && ca.ca && shown.checkIssued(ca) && shown.verify(ca.publicKey))
  if (isIssued && holds(shown) && shown.checkHost(servername) !== undefined) return shown.serialNumber
  throw new Error(`not trusted: ${shown.subjectAltName}, ${shown.validFrom} to ${shown.validTo}, issued: ${isIssued}`)
}

export type Trust = { readonly bundle: string; readonly now: Date }
