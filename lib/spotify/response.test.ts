import { expect, test } from 'vitest'
import { parseResponse } from './response.ts'

test('links are checked at any depth of a field for links', () => {
  const script = 'javascript:alert(1)'
  const link = 'https://open.spotify.com/track/1'
  const body = {
    name: script,
    url: [script, { other: script, kept: link }],
    external_urls: { spotify: link, other: { inner: [script] } },
  }
  expect(parseResponse(JSON.stringify(body), 'https://api.spotify.com/v1')).toEqual({
    name: script,
    url: [null, { other: null, kept: link }],
    external_urls: { spotify: link, other: { inner: [null] } },
  })
})
