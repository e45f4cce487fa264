import { expect, test } from 'vitest'
import { artwork } from './artwork.ts'

test('draws the same cover for the same id, in the requested size', () => {
  expect(artwork('album', 'one', 300)).toBe(artwork('album', 'one', 300))
  expect(artwork('album', 'one', 300)).not.toBe(artwork('album', 'two', 300))
  expect(artwork('album', 'one', 64)).toMatch(/^<svg [^>]*width="64" height="64"/)
})

test('lets nothing from the address into the drawing', () => {
  expect(artwork('album', '"><script>alert(1)</script>', 64)).not.toContain('script')
})
