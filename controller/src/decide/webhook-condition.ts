import type { Condition } from '@steelyard/model'

/** How the webhook fares, as the replica sees it that keeps its certificate. */
export type WebhookStanding =
  /** Nobody asks it: there is no ValidatingWebhookConfiguration of ours. */
  | { readonly kind: 'notInstalled' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'troubled'; readonly reason: string; readonly message: string }

const READY = 'Serving'

/**
 * The condition that shows a standing; `shown` is the one there is. None where there is no webhook. No reason of it is
 * `ConfigurationError`, so it never makes the result Invalid: allocation needs no webhook.
 */
export function webhookCondition(
  type: string,
  standing: WebhookStanding,
  { shown, now }: { readonly shown: Condition | undefined; readonly now: Date },
): Condition | undefined {
  if (standing.kind === 'notInstalled') return undefined
  const isReady = standing.kind === 'ready'
  const said = {
    status: isReady ? 'True' : 'False',
    reason: isReady ? READY : standing.reason,
    message: isReady ? '' : `the webhook is not ready, nothing else is affected: ${standing.message}`,
  }
  const isShown = shown?.status === said.status && shown.reason === said.reason && shown.message === said.message
  // The API's times have whole seconds.
  return isShown ? shown : { type, ...said, lastTransitionTime: now.toISOString().replace(/\.\d+Z$/, 'Z') }
}
