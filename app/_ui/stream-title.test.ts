import { expect, test } from 'vitest'
import { streamTitle } from './stream-title.ts'

test.for<[string, string]>([
  ['user_top_tracks_st_stream', 'Top tracks, 4 weeks'],
  ['user_top_artists_lt_stream', 'Top artists, 1 year'],
  ['user_recently_played_stream', 'Recently played'],
  ['global_top_tracks_daily_stream', 'Global top tracks daily'],
])('%s is called %s', ([stream, title]) => {
  expect(streamTitle(stream)).toBe(title)
})
