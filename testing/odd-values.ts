import type { Json } from '#lib/core/table.ts'
import { parseResponse } from '#lib/spotify/response.ts'
import type { Page, Stream } from '#lib/streams/stream.ts'

/** Responses in which one value of one item is odd. */

const DEEP = 5_000

/** Values as they stand in a response, because some have no other form than JSON. */
const ODD_JSON: readonly string[] = [
  '"Nul\\u0000here"',
  '"\\ud83c"',
  '"\\udf0a half a wave"',
  '"\\u0001\\u001b[31m"',
  '""',
  '" "',
  '"."',
  '".."',
  `"${'l'.repeat(9_999)}🌊🌊"`,
  '"javascript:alert(1)"',
  '"java\\nscript:alert(1)"',
  '"data:text/html,<script>alert(1)</script>"',
  '"http://example.com/picture.png"',
  '"//example.com"',
  '"https://somebody:secret@example.com/"',
  '"NaN"',
  '"0000-01-01T00:00:00Z"',
  '"99999-01-01T00:00:00Z"',
  '"-1"',
  '"2026-02-30T00:00:00Z"',
  '"9999-12-31T23:59:59-23:59"',
  '"1969-12-31T23:59:59Z"',
  '"2099-01-01T00:00:00Z"',
  '"2026-11-20T10:00:00.123456789Z"',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '1e300',
  '2147483648',
  '9007199254740993',
  'true',
  'null',
  '{}',
  '[]',
  '[null, 7, "x", [], {}]',
  '{"__proto__": {"id": "from a prototype", "uri": "spotify:track:x"}}',
  '{"constructor": {"prototype": {}}, "toString": 1, "a\\u0000b": 1}',
  '{"id": "first", "id": "second"}',
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
]

const MARK = '@odd@'

/** All texts that differ from the item in one value, at any depth: each odd value in each place. */
export function* oddItems(item: Json): Generator<string> {
  for (const marked of markedCopies(item)) {
    const text = JSON.stringify(marked)
    for (const odd of ODD_JSON) yield text.replace(`"${MARK}"`, () => odd)
  }
}

function* markedCopies(value: Json): Generator<Json> {
  yield MARK
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries())
      for (const marked of markedCopies(inner)) yield value.with(index, marked)
    return
  }
  for (const [name, inner] of Object.entries(value))
    for (const marked of markedCopies(inner)) yield { ...value, [name]: marked }
}

/** The page of a response with these items, read as in production. */
export function pageOf(stream: Stream, items: string[], total = items.length): Page<unknown> {
  const list = `{"items": [${items.join()}], "total": ${total}, "next": null}`
  const body = stream.endpoint === '/me/following' ? `{"artists": ${list}}` : list
  return stream.page(parseResponse(body, 'https://api.spotify.com/v1'))
}
