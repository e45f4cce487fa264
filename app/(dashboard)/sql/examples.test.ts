import { expect } from 'vitest'
import { parametersOf } from '#lib/core/sql-parameters.ts'
import { buildModels } from '#lib/models/build.ts'
import { addRows, importedPlay, play, settings, songRows, warehouseTest as test } from '#lib/models/fixtures.ts'
import { EXAMPLES } from './examples.ts'

const PARAMETERS: Record<string, string> = { since: '2026-03-02' }

/** What each finds in the plays below; two returns of Comebacks are equally long. */
const FOUND: Record<string, unknown> = {
  'First plays': { artist: 'The artist-a', first_song: 'Song a', plays_since: 6 },
  'Longest sessions': { day: '2026-03-09', plays: 4 },
  'Never skipped': { song: 'Song a', plays: 5 },
  'Artist share by year': { year: 2026, place: 1, artist: 'The artist-a', percent: 85.7 },
  'On repeat': { day: '2026-03-09', song: 'Song a', plays: 4 },
  Comebacks: { song: 'Song a', days_of_silence: 4 },
  'Night owl': { year: 2026, plays: 7, at_night: 1 },
  'Top songs since a day': { song: 'Song a', plays: 5 },
}

test('each example finds what it promises', async ({ warehouse }) => {
  const finished = { skipped: false }
  await addRows(warehouse, {
    settings: [settings()],
    plays: [play('a', '2026-03-01T02:00:00.000Z'), play('b', '2026-03-02T10:00:00.000Z')],
    imported_plays: [
      importedPlay('b', '2026-03-02T12:00:00.000Z', { skipped: true, ms_played: 1_000 }),
      ...['05', '09', '09', '09', '09'].flatMap((day, index) => [
        importedPlay('a', `2026-03-${day}T10:0${index}:00.000Z`, finished),
      ]),
    ],
  })
  for (const track of ['a', 'b']) await addRows(warehouse, songRows(track))
  await buildModels(warehouse, { now: () => new Date('2026-03-10T12:00:00.000Z') })
  const tables = (await warehouse.catalog()).map(({ schema, name }) => `${schema}.${name}`)
  expect(Object.keys(FOUND)).toEqual(EXAMPLES.map(({ title }) => title))
  for (const { title, sql, reads } of EXAMPLES) {
    expect(tables, title).toEqual(expect.arrayContaining(reads))
    for (const name of sql.match(/\b(raw|staging|analytical|reporting)\.\w+/g) ?? [])
      expect(reads, title).toContain(name)
    const [first] = await warehouse.query(
      parametersOf(sql).reduce((text, name) => text.replace(`$${name}`, `'${PARAMETERS[name]}'`), sql),
      [],
    )
    expect(first, title).toMatchObject(FOUND[title] as object)
  }
})
