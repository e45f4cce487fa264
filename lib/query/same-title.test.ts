import { expect, test } from 'vitest'
import { cleanedTitle, mayBeSame } from './same-title.ts'

const SAME = [
  ['Harbor Lights', 'Harbor Lights - Remastered'],
  ['Harbor Lights', 'Harbor Lights - Remastered 2011'],
  ['Harbor Lights', 'Harbor Lights - 2011 Remaster'],
  ['Harbor Lights', 'Harbor Lights (2009 Digital Remaster)'],
  ['Harbor Lights', 'HARBOR  LIGHTS'],
  ['Harbor Lights', 'Harbor Lights [Deluxe Edition]'],
  ['Harbor Lights', 'Harbor Lights (20th Anniversary Edition)'],
  ['Harbor Lights', 'Harbor Lights - Album Version'],
  ['Harbor Lights', 'Harbor Lights (Bonus Track)'],
  ['Harbor Lights', 'Harbor Lights - Mono / Remastered'],
  ['Harbor Lights', 'Harbor Lights (Explicit)'],
  ['Harbor Lights', 'Harbor Lights (feat. Somebody)'],
  ['Harbor Lights', 'Harbor Lights feat. Somebody & Others'],
  ['Harbor Lights', 'Harbor Lights ft. Somebody'],
  ['Harbor Lights', 'Harbor Lights (with Somebody) - Remastered'],
  ['Málaga', 'Malaga'],
  ['Live Wire', 'Live Wire (Remastered)'],
  ['שלום', 'שלום - Remastered 2015'],
]

const DIFFERENT = [
  ['Harbor Lights', 'Harbor Lights - Live'],
  ['Harbor Lights', 'Harbor Lights (Live at the Pier) [Remastered]'],
  ['Harbor Lights', 'Harbor Lights - Live / Remastered'],
  ['Harbor Lights', 'Harbor Lights (Acoustic)'],
  ['Harbor Lights', 'Harbor Lights (Somebody Remix)'],
  ['Harbor Lights', 'Harbor Lights - Original Mix'],
  ['Harbor Lights', 'Harbor Lights - Radio Edit'],
  ['Harbor Lights', 'Harbor Lights - Single Version'],
  ['Harbor Lights', 'Harbor Lights (Demo)'],
  ['Harbor Lights', 'Harbor Lights (Instrumental)'],
  ['Harbor Lights', 'Harbor Lights (Juniper’s Version)'],
  ['Harbor Lights', 'Harbor Lights, Pt. 2'],
  ['Harbor Lights', 'Harbor Lights (1999)'],
  ['Harbor Lights', 'Harbor Lights II'],
  ['Harbor Lights', 'Harbor Light'],
  ['Defeat', 'De'],
]

test.each(SAME)('“%s” may be the same recording as “%s”', (one, other) => {
  expect(cleanedTitle(other)).toBe(cleanedTitle(one))
})

test.each(DIFFERENT)('“%s” is another recording than “%s”', (one, other) => {
  expect(cleanedTitle(other)).not.toBe(cleanedTitle(one))
})

test('a title that is nothing but a remark stays', () => {
  expect(cleanedTitle('(Remastered)')).toBe('(remastered)')
  expect(cleanedTitle('')).toBe('')
})

test('cleaning is quick for a hostile title', () => {
  expect(cleanedTitle(`${'('.repeat(5_000)}${' - '.repeat(5_000)}`)).not.toBe('')
})

test('songs of another length are other recordings, unless a length is unknown', () => {
  const song = (name: string, durationMs: number | null) => ({ name, durationMs })
  expect(mayBeSame(song('One', 200_000), song('One (Remastered)', 205_000))).toBe(true)
  expect(mayBeSame(song('One', 200_000), song('One (Remastered)', 205_001))).toBe(false)
  expect(mayBeSame(song('One', 200_000), song('One (Remastered)', null))).toBe(true)
})
