import { expect, test } from 'vitest'
import { artwork } from './artwork.ts'

test('a cover follows from its id and is drawn in the size that was asked for', () => {
  expect(artwork('album', 'one', 300)).toBe(artwork('album', 'one', 300))
  expect(artwork('album', 'one', 300)).not.toBe(artwork('album', 'two', 300))
  expect(artwork('album', 'one', 64)).toMatch(/^<svg [^>]*width="64" height="64"/)
})

test('nothing of the address gets into the drawing', () => {
  expect(artwork('album', '"><script>alert(1)</script>', 64)).not.toContain('script')
})
