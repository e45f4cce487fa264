import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stop, Transient } from '#lib/core/errors.ts'
import { plantedIn } from '#testing/exports/planted.ts'
import {
  accountMembers,
  accountRow,
  extendedMembers,
  extendedRow,
  madePlays,
  OLD_KEYS,
} from '#testing/exports/spotify.ts'
import { type ZipMember, zipOf } from '#testing/exports/zip.ts'
import type { ReaderMessage, ReaderOptions } from './messages.ts'
import { readUpload } from './reader.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reader-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let count = 0
/** Uploaded files, by name. */
function spooled(files: Record<string, string | Buffer>) {
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, `file-${count++}`)
    writeFileSync(path, content)
    return { path, name }
  })
}

const zipped = (...members: ZipMember[]) => spooled({ 'my_spotify_data.zip': zipOf(members) })

/** Reads everything, and looks for planted personal data in every message. */
async function readAll(files: ReturnType<typeof spooled>, options?: ReaderOptions): Promise<ReaderMessage[]> {
  const messages: ReaderMessage[] = []
  for await (const message of readUpload(files, options)) messages.push(message)
  expect(plantedIn(JSON.stringify(messages))).toEqual([])
  return messages
}

function itemsOf(messages: ReaderMessage[]) {
  return messages.flatMap((message) => (message.type === 'page' ? (message.page.items as object[]) : []))
}

const plays = [...madePlays({ plays: 12_000, from: Date.UTC(2019, 0, 1), until: Date.UTC(2021, 0, 1) })]

describe('an ordinary export', () => {
  test('is read as a whole, and its personal files stay closed', async () => {
    const members = [
      ...accountMembers(plays.slice(0, 100).map(accountRow)),
      ...extendedMembers(plays.map((play) => extendedRow(play, OLD_KEYS))),
    ]
    const messages = await readAll(zipped(...members))
    expect(itemsOf(messages)).toHaveLength(12_100)
    const outcomes = messages.flatMap((one) =>
      one.type === 'member' ? [[one.name.split('/')[1], one.kind, one.problem]] : [],
    )
    expect(outcomes).toEqual([
      ...['Userdata', 'Identity', 'Identifiers', 'Payments', 'Follow', 'Inferences', 'SearchQueries'].map((name) => [
        `${name}.json`,
        null,
        'never-opened',
      ]),
      ['StreamingHistory_music_0.json', 'spotify-account', undefined],
      ['ReadMeFirst_ExtendedStreamingHistory.pdf', null, 'never-opened'],
      ['Streaming_History_Audio_2019-2020_0.json', 'spotify-extended', undefined],
    ])
    expect(messages.at(-1)).toEqual({ type: 'done', unlisted: 0 })
    expect(messages.filter(({ type }) => type === 'member-done')).toEqual([
      { type: 'member-done', position: 7, read: 100, rejected: {} },
      { type: 'member-done', position: 9, read: 12_000, rejected: {} },
    ])
    const progress = messages.flatMap((one) => (one.type === 'progress' ? [one.done / one.total] : []))
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.at(-1)).toBe(1)
  })

  test('is read again with the same positions and page numbers, and without what was read before', async () => {
    const files = zipped(...extendedMembers(plays.map((play) => extendedRow(play))), {
      name: 'again.json',
      content: JSON.stringify(plays.slice(0, 3).map((play) => extendedRow(play))),
    })
    const pagesOf = (messages: ReaderMessage[]) =>
      messages.flatMap((one) => (one.type === 'page' ? [[one.position, one.number, one.page.items.length]] : []))
    expect(pagesOf(await readAll(files))).toEqual([
      [1, 0, 5_000],
      [1, 1, 5_000],
      [1, 2, 2_000],
      [2, 0, 3],
    ])
    expect(pagesOf(await readAll(files, { skip: new Set([1]) }))).toEqual([[2, 0, 3]])
  })
})

describe('the process', () => {
  const children = () => execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
  const readers = () =>
    children()
      .split('\n')
      .filter((line) => line.includes('reader/child.ts'))
      .map((line) => Number.parseInt(line, 10))
  const large = () => zipped(...extendedMembers(plays.map((play) => extendedRow(play))))

  test('that is killed ends the reading with a failure that can be repeated', async () => {
    const reading = (async () => {
      for await (const message of readUpload(large())) {
        if (message.type === 'page') for (const pid of readers()) process.kill(pid, 'SIGKILL')
      }
    })()
    await expect(reading).rejects.toThrow(Transient)
  })

  test('that makes no progress is ended', async () => {
    const reading = (async () => {
      for await (const message of readUpload(large(), { maxSilenceMs: 500 })) {
        if (message.type === 'page') for (const pid of readers()) process.kill(pid, 'SIGSTOP')
      }
    })()
    await expect(reading).rejects.toThrow(/no progress/)
    expect(readers()).toEqual([])
  })

  test('ends when nobody reads on, and when the reading is canceled', async () => {
    for await (const _ of readUpload(large())) break
    expect(readers()).toEqual([])
    const abort = new AbortController()
    const reading = (async () => {
      for await (const message of readUpload(large(), { signal: abort.signal })) {
        if (message.type === 'page') abort.abort(new Stop('canceled', { remedy: 'Start again.' }))
      }
    })()
    await expect(reading).rejects.toThrow('canceled')
    expect(readers()).toEqual([])
  })

  test('that cannot find its file says nothing of the file to anybody but the log', async () => {
    const reading = readAll([{ path: join(folder, 'nowhere'), name: 'nowhere.zip' }])
    await expect(reading).rejects.toThrow(Transient)
  })
})
