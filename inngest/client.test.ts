import { serve } from 'inngest/edge'
import { afterEach, describe, expect, test, vi } from 'vitest'

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

describe('a line of the log', () => {
  /** The lines that are written while the client logs. */
  async function logged(...details: unknown[]): Promise<Record<string, unknown>[]> {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const { inngest } = await import('./client.ts')
    inngest.logger.error(...(details as [string]))
    await vi.waitFor(() => expect(write).toHaveBeenCalled())
    const lines = write.mock.calls.map(([line]) => JSON.parse(String(line)))
    write.mockRestore()
    return lines
  }

  test('has the error of a failed function, its stack and its cause', async () => {
    const err = new Error('no row was found', { cause: new TypeError('the pool is closed') })
    const [line] = await logged({ err, runId: 'run-1' }, 'Inngest function error')
    expect(line).toMatchObject({
      level: 'error',
      runId: 'run-1',
      details: ['Inngest function error'],
      err: {
        message: 'no row was found',
        stack: expect.stringContaining('client.test.ts'),
        cause: { name: 'TypeError', message: 'the pool is closed' },
      },
    })
    expect(JSON.stringify(line)).not.toContain('[object Object]')
  })

  test('has no secrets', async () => {
    const err = Object.assign(new Error('connect postgresql://tracklake:a-secret@db:5432/ failed'), {
      headers: { authorization: 'Bearer a-secret', host: 'db' },
    })
    const lines = JSON.stringify(
      await logged({ err, signingKey: 'a-secret', access_token: 'a-secret' }, 'Bearer a-secret'),
    )
    expect(lines).not.toContain('a-secret')
    expect(lines).toContain('postgresql://tracklake:[hidden]@db:5432/')
  })
})
