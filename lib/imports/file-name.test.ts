import { expect, test } from 'vitest'
import { withoutPerson } from './file-name.ts'

test.each([
  ['my_spotify_data.zip', 'my_spotify_data.zip'],
  ['regional-global-weekly-2026-11-19.csv', 'regional-global-weekly-2026-11-19.csv'],
  ['Streaming_History_Audio_2019-2020_3.json', 'Streaming_History_Audio_2019-2020_3.json'],
  ['jane.doe@example.org.zip', '….zip'],
  ['export of jane@mail.example.org (1).zip', 'export of … (1).zip'],
  ['recenttracks-somebody-1699999999.csv', 'recenttracks-…-1699999999.csv'],
  ['scrobbles-some_body.csv', 'scrobbles-….csv'],
  ['data of JANE DOE.json', 'data of ….json'],
  ['spotify_jane-doe_2020.zip', 'spotify_…_2020.zip'],
  ['janedoe.zip', '….zip'],
  ['history-pebble99.json', 'history-….json'],
  // Within a longer word it may be anything.
  ['pebble990.json', 'pebble990.json'],
  ['…', '…'],
])('of %s, %s is kept', (name, kept) => {
  expect(withoutPerson(name, ['Jane Doe', 'pebble99', 'Al', '?', ''])).toBe(kept)
})
