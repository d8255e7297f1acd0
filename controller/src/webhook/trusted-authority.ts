import type { ValidatingWebhookConfiguration, WebhookEntry } from '@steelyard/kube'

type ServiceName = { readonly namespace: string; readonly name: string }

/**
 * The configuration with this authority trusted in every entry that leads to the Service; itself when it is so.
 * @param authority PEM
 */
export function withAuthority(
  configuration: ValidatingWebhookConfiguration,
  service: ServiceName,
  authority: string,
): ValidatingWebhookConfiguration {
  const caBundle = Buffer.from(authority).toString('base64')
  const isRight = ({ clientConfig }: WebhookEntry): boolean =>
    clientConfig.caBundle === caBundle ||
    clientConfig.service?.name !== service.name ||
    clientConfig.service.namespace !== service.namespace
  const { webhooks = [] } = configuration
  if (webhooks.every(isRight)) return configuration
  const trusting = webhooks.map((entry) =>
    isRight(entry) ? entry : { ...entry, clientConfig: { ...entry.clientConfig, caBundle } },
  )
  return { ...configuration, webhooks: trusting }
}
