import type { Endpoint } from '#lib/api/endpoint.ts'
import { BODY_DEADLINE_MS, type BodyRule, MAX_BODY_BYTES } from '#lib/core/request-gate.ts'

/**
 * A call of Inngest contains up to 4 MB of steps (MaxSDKRequestBodySize in pkg/consts of inngest/inngest; the SDK fetches
 * larger ones) and events of up to 3 MB.
 */
const MAX_CALL_BYTES = 8 * 1024 * 1024

/** Every body that may be larger or slower than usual: those of some contracts, and calls of background functions. */
export function bodyRules(endpoints: readonly Endpoint[]): BodyRule[] {
  const own = endpoints.flatMap(({ method, path, maxBodyBytes, bodyDeadlineMs }) =>
    maxBodyBytes || bodyDeadlineMs
      ? [{ method, path, maxBytes: maxBodyBytes ?? MAX_BODY_BYTES, deadlineMs: bodyDeadlineMs ?? BODY_DEADLINE_MS }]
      : [],
  )
  const calls = { path: '/api/inngest', maxBytes: MAX_CALL_BYTES, deadlineMs: BODY_DEADLINE_MS }
  return [...own, { ...calls, method: 'POST' }, { ...calls, method: 'PUT' }]
}
