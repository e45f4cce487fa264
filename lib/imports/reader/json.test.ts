import { expect, test } from 'vitest'
import { seeded } from '#testing/exports/spotify.ts'
import { cutJson, recordsOf } from './json.ts'

const TEXTS = ['', 'a', '"', '\\', '\\"', '{[', ']}', ',', 'ä🎵', '\n', '"},{"']

/** A value of JSON, at most some levels deep. */
function made(random: () => number, depth: number): unknown {
  const pick = Math.floor(random() * (depth > 0 ? 6 : 4))
  if (pick === 0) return null
  if (pick === 1) return Math.floor(random() * 100)
  if (pick === 2) return TEXTS[Math.floor(random() * TEXTS.length)]
  if (pick === 3) return random() < 0.5
  const inner = Array.from({ length: Math.floor(random() * 4) }, () => made(random, depth - 1))
  return pick === 4 ? inner : Object.fromEntries(inner.map((value, at) => [`${TEXTS[at]}${at}`, value]))
}

const read = (text: string, size: number) => {
  const bytes = Buffer.from(text)
  const cut = cutJson(bytes, size)
  return { ...cut, records: cut.pieces.flatMap((piece) => recordsOf(bytes, cut, piece, size)) }
}

test('pieces of any size hold the records that the whole has', () => {
  const random = seeded(3)
  for (let round = 0; round < 400; round++) {
    const records = Array.from({ length: Math.floor(random() * 6) }, () => made(random, 3))
    const text = JSON.stringify(records, null, round % 3)
    for (const size of [0, 1, 20, 10_000]) {
      expect(read(text, size)).toMatchObject({ shape: 'array', isComplete: true, records })
    }
    const objects = records.map((record) => ({ record }))
    const keyed = JSON.stringify(Object.fromEntries(objects.map((record, at) => [`${at}`, record])), null, round % 3)
    if (objects.length > 0)
      expect(read(keyed, 20)).toMatchObject({ shape: 'object', isComplete: true, records: objects })
    const lines = objects.map((record) => JSON.stringify(record)).join('\n')
    if (objects.length > 1)
      expect(read(lines, 20)).toMatchObject({ shape: 'lines', isComplete: true, records: objects })
  }
})

test('what ends within a value is not complete', () => {
  const random = seeded(4)
  for (let round = 0; round < 400; round++) {
    const text = JSON.stringify([made(random, 3), made(random, 3)])
    const cut = Math.floor(random() * (text.length - 1)) + 1
    expect(read(text.slice(0, cut), 0).isComplete).toBe(false)
  }
})

test('an object with plain fields is one record', () => {
  expect(read('{"listened_at": 5, "track_metadata": {}}', 0)).toMatchObject({
    shape: 'lines',
    records: [{ listened_at: 5, track_metadata: {} }],
  })
})
