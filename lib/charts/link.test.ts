import { expect, test } from 'vitest'
import { Link } from './link.ts'

test.each(['https://open.spotify.com/track/1', 'https://i.scdn.co/image/1', null])('%j stays', (link) => {
  expect(Link.parse(link)).toBe(link)
})

test.each([
  'javascript:alert(1)',
  ' java\nscript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'http://open.spotify.com/',
  '//open.spotify.com/',
  '/api/auth/signout',
  'https:/api/auth/signout',
  'https:signout',
  '',
  'https://name:password@open.spotify.com/',
  `https://open.spotify.com/${'x'.repeat(3_000)}`,
])('%j becomes null in a row written by an older version or someone else', (link) => {
  expect(Link.parse(link)).toBeNull()
})
