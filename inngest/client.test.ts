import { serve } from 'inngest/edge'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => vi.unstubAllEnvs())

test.for(['GET', 'POST', 'PUT'])('an unsigned %s is refused although INNGEST_DEV is set', async (method) => {
  vi.stubEnv('INNGEST_DEV', '1')
  vi.stubEnv('INNGEST_SIGNING_KEY', '5f'.repeat(32))
  vi.stubEnv('INNGEST_ENABLE_UNAUTHED_SYNC', 'false')
  const { inngest } = await import('./client.ts')
  const handler = serve({ client: inngest, functions: [] })
  const body = method === 'GET' ? undefined : '{}'
  const url = 'http://127.0.0.1:3000/api/inngest?fnId=tracklake-plan&stepId=step'
  expect((await handler(new Request(url, { method, body, headers: { host: '127.0.0.1:3000' } }))).status).toBe(401)
})
