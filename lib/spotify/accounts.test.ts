import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { refresh } from './accounts.ts'

const APP = { clientId: 'app', clientSecret: 'secret' }

/** Refreshes a token at a server that responds with this text. */
async function refreshWith(text: string) {
  const server = createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return refresh(`http://127.0.0.1:${port}`, APP, 'old').finally(() => server.close())
}

test.each(['1e400', '-1', '1.5', '9007199254740993', '"soon"', 'null'])(
  'a token that expires in %s seconds counts as valid for an hour',
  async (seconds) => {
    const tokens = await refreshWith(`{"access_token": "fresh", "expires_in": ${seconds}, "refresh_token": null}`)
    expect(tokens).toMatchObject({ access_token: 'fresh', expires_in: 3600, refresh_token: undefined })
  },
)

test.each(['a\\u0000b', 'a\\nb', '\\ud83c', '🌊', ''])(
  'a token that no header can hold is refused: %j',
  async (token) => {
    await expect(refreshWith(`{"access_token": "${token}"}`)).rejects.toThrow('the tokens are missing')
  },
)
