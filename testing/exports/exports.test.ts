import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { plantedIn } from './planted.ts'
import { accountMembers, accountRow, extendedMembers, extendedRow, madePlays, OLD_KEYS } from './spotify.ts'
import { chartCsv, featuresCsv, lastfmCsv, lastfmCsvWithHeader, listenOf } from './trackers.ts'
import { writeZip, zipOf } from './zip.ts'

const plays = [...madePlays({ plays: 20_000, from: Date.UTC(2015, 0, 1), until: Date.UTC(2020, 0, 1) })]

async function namesIn(zip: Buffer): Promise<string[]> {
  const names: string[] = []
  for await (const { fileName } of (await fromBufferPromise(zip)).eachEntry()) names.push(fileName)
  return names
}

test('plays are the same each time, in order and at different times', () => {
  expect([...madePlays({ plays: 20_000, from: Date.UTC(2015, 0, 1), until: Date.UTC(2020, 0, 1) })]).toEqual(plays)
  expect(plays).toHaveLength(20_000)
  expect(plays.every(({ at }, index) => index === 0 || at > (plays[index - 1]?.at ?? 0))).toBe(true)
})

test('an extended history is a zip of files of 16,000 rows with 23 keys', async () => {
  const members = [...extendedMembers(plays.map((play) => extendedRow(play)))]
  const zip = zipOf(members)
  expect(await namesIn(zip)).toEqual(members.map(({ name }) => name))
  expect(members.map(({ name }) => name.split('/')[1])).toEqual([
    'ReadMeFirst_ExtendedStreamingHistory.pdf',
    'Streaming_History_Audio_2015-2018_0.json',
    'Streaming_History_Audio_2018-2019_1.json',
  ])
  expect(Object.keys(JSON.parse(String(members[1]?.content))[0])).toHaveLength(23)
})

test('a zip on disk is the same as one in memory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'))
  const members = [{ name: 'one.json', content: '[]' }]
  expect(writeZip(join(folder, 'made.zip'), members)).toBe(zipOf(members).length)
  expect(readFileSync(join(folder, 'made.zip'))).toEqual(zipOf(members))
  rmSync(folder, { recursive: true })
})

test('personal data is planted where exports have some', () => {
  const old = JSON.stringify(plays.slice(0, 1).map((play) => extendedRow(play, OLD_KEYS)))
  const account = [...accountMembers(plays.slice(0, 1).map(accountRow))].map(({ content }) => content).join('')
  expect(new Set([...plantedIn(old), ...plantedIn(account)]).size).toBe(14)
  expect(plantedIn(JSON.stringify(plays.slice(0, 1).map(listenOf))).length).toBeGreaterThan(0)
})

test('CSV files have the columns of their origin', () => {
  const cells = (text: string): string[][] => parse(text, { bom: true })
  expect(cells(lastfmCsv(plays.slice(0, 3)))[0]).toEqual([
    expect.stringMatching(/^Artist/),
    expect.stringMatching(/^Album/),
    expect.stringMatching(/^Song/),
    expect.stringMatching(/^\d+ Jan 2015 \d\d:\d\d$/),
  ])
  expect(cells(lastfmCsvWithHeader(plays.slice(0, 3)))[0]?.slice(0, 3)).toEqual(['uts', 'utc_time', 'artist'])
  expect(cells(chartCsv(200))[0]?.slice(-2)).toEqual(['weeks_on_chart', 'streams'])
  expect(cells(chartCsv(200))).toHaveLength(201)
  expect(cells(featuresCsv(3))[1]?.[0]).toMatch(/^\w{22}$/)
})
