import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { madePlays } from '#testing/exports/spotify.ts'
import { chartCsv, featuresCsv, lastfmCsv, lastfmCsvWithHeader, listenOf } from '#testing/exports/trackers.ts'
import type { Answers, ReaderMessage } from './messages.ts'
import { readFiles } from './read-files.ts'

const plays = [...madePlays({ plays: 7_000 })]

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'questions-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function read(files: Record<string, string>, answers: Answers = {}): Promise<ReaderMessage[]> {
  const spooled = Object.entries(files).map(([name, content], index) => {
    const path = join(folder, String(index))
    writeFileSync(path, content)
    return { path, name }
  })
  const messages: ReaderMessage[] = []
  const job = { answers, skip: [], now: Date.UTC(2026, 10, 30), files: spooled }
  for await (const one of readFiles(job)) messages.push(one)
  return messages
}

const pagesOf = (messages: ReaderMessage[]) => messages.flatMap((one) => (one.type === 'page' ? [one.page] : []))
const countOf = (messages: ReaderMessage[]) => pagesOf(messages).reduce((sum, page) => sum + page.items.length, 0)

test('scrobbles are read once their zone is known', async () => {
  const files = { 'scrobbles.csv': lastfmCsv(plays) }
  const unanswered = await read(files)
  expect(unanswered.map(({ type }) => type)).toEqual(['member', 'question'])
  expect(unanswered.at(-1)).toEqual({ type: 'question', question: { kind: 'zone', file: 'scrobbles.csv' } })
  const answered = await read(files, { zone: 'UTC' })
  expect(pagesOf(answered).map(({ items }) => items.length)).toEqual([5_000, 2_000])
  expect(answered.find(({ type }) => type === 'member-done')).toMatchObject({ read: 7_000, rejected: {} })
})

test('ignores a meaningless answer', async () => {
  const files = { 'scrobbles.csv': lastfmCsv(plays) }
  expect((await read(files, { zone: 'Nowhere/Town' })).at(-1)).toMatchObject({ question: { kind: 'zone' } })
  const wrong = { chart: { 0: { chart: 'Global!', day: '2026-02-30' } } }
  expect((await read({ 'chart.csv': chartCsv(5) }, wrong)).at(-1)).toMatchObject({ question: { kind: 'chart' } })
})

test('scrobbles with times in UTC, listens and features ask nothing', async () => {
  expect(countOf(await read({ 'scrobbles.csv': lastfmCsvWithHeader(plays) }))).toBe(7_000)
  expect(countOf(await read({ 'listens.json': JSON.stringify(plays.map(listenOf)) }))).toBe(7_000)
  const keyed = JSON.stringify(Object.fromEntries(plays.map((play, at) => [at, listenOf(play)])))
  expect(countOf(await read({ '2016.json': keyed }))).toBe(7_000)
  const lines = plays.map((play) => JSON.stringify(listenOf(play))).join('\n')
  expect(countOf(await read({ '1.jsonl': lines, '2.jsonl': JSON.stringify(listenOf(plays[0] ?? raise())) }))).toBe(
    7_001,
  )
  expect(countOf(await read({ 'features.csv': featuresCsv(30) }))).toBe(30)
})

function raise(): never {
  throw new Error('no play was made')
}

test('semicolons and tabs delimit cells too', async () => {
  const [header = '', ...lines] = lastfmCsvWithHeader(plays.slice(0, 5)).split('\r\n')
  for (const delimiter of [';', '\t']) {
    const text = [header, ...lines].map((line) => line.replaceAll(',', delimiter)).join('\n')
    expect(countOf(await read({ 'scrobbles.csv': text }))).toBe(5)
  }
})

test('asks about each chart that its file name does not identify', async () => {
  const files = {
    'regional-global-daily-2026-11-26.csv': chartCsv(200, 'days'),
    'chart.csv': chartCsv(50),
    'b.csv': chartCsv(5),
  }
  const questionOf = async (answers: Answers) => (await read(files, answers)).at(-1)
  const weekly = { chart: 'regional-global-weekly', day: '2026-11-26' }
  expect(await questionOf({})).toEqual({
    type: 'question',
    question: { kind: 'chart', position: 1, file: 'chart.csv', chart: null, day: null },
  })
  expect(await questionOf({ chart: { 1: weekly } })).toMatchObject({ question: { position: 2, file: 'b.csv' } })
  expect(pagesOf(await read(files, { chart: { 1: weekly, 2: weekly } }))).toMatchObject([
    { chart: 'regional-global-daily', day: '2026-11-26', items: { length: 200 } },
    { ...weekly, items: { length: 50 } },
    { ...weekly, items: { length: 5 } },
  ])
})

test('odd CSV lines do not spoil the others', async () => {
  const [header = '', ...lines] = lastfmCsvWithHeader(plays.slice(0, 5)).split('\r\n')
  const readWith = async (odd: string) => read({ 'scrobbles.csv': [header, ...lines, odd, ...lines].join('\r\n') })
  expect(countOf(await readWith(`1456250340,,"Heroes" (live),,5" Heel,,Low Tide`))).toBe(11)
  expect(countOf(await readWith(`1456250340,,${'x'.repeat(300_000)},,b,,c`))).toBe(11)
  expect(countOf(await readWith('one cell'))).toBe(10)
  const unclosed = await readWith('1456250340,,"Heroes,,b,,c')
  expect(pagesOf(unclosed)[0]?.items[5]).toMatchObject({ artist: 'Heroes', track: 'c' })
  expect(countOf(unclosed)).toBe(11)
  const messages = await readWith(','.repeat(2_000_000))
  expect(messages.find((one) => one.type === 'member' && one.state === 'refused')).toMatchObject({ problem: 'damaged' })
})
