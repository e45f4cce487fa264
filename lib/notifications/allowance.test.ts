import { expect, test } from 'vitest'
import { COUNTED_ACTIONS } from '#lib/audit.ts'

test('counted actions are still the keys of the rows that were written before', () => {
  expect(COUNTED_ACTIONS).toEqual({
    channelTested: 'tested a notification channel',
    channelAdded: 'added a notification channel',
    channelChanged: 'changed a notification channel',
    appChecked: 'checked a Spotify app',
  })
})
