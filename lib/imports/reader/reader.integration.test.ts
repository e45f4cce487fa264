import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stop, Transient } from '#lib/core/errors.ts'
import { eventually } from '#testing/eventually.ts'
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

describe('a member', () => {
  const some = plays.slice(0, 1_000).map((play) => JSON.stringify(extendedRow(play)))
  const block = some.join(',')
  /** A history of about so many bytes. */
  const historyOf = (bytes: number) =>
    `[${Array(Math.floor(bytes / block.length))
      .fill(block)
      .join(',')}]`

  test('of 60 MB is read with little memory', async () => {
    const content = historyOf(60_000_000)
    const files = zipped({ name: 'endsong_0.json', content })
    let peak = 0
    let items = 0
    for await (const message of readUpload(files)) {
      if (message.type === 'page') items += message.page.items.length
      for (const pid of readers()) peak = Math.max(peak, peakOf(pid))
    }
    expect(items).toBe(Math.floor(60_000_000 / block.length) * 1_000)
    // The content, and what reading needs besides.
    if (process.platform === 'linux') expect(peak).toBeLessThan(300_000_000)
  })

  test('of 70 MB is refused by name, in a zip and alone', async () => {
    const content = historyOf(70_000_000)
    const files = [...zipped({ name: 'endsong_0.json', content }), ...spooled({ 'endsong_1.json': content })]
    const messages = await readAll(files)
    expect(messages.map((one) => one.type === 'member' && [one.name, one.problem])).toEqual([
      ['endsong_0.json', 'too-large'],
      ['endsong_1.json', 'too-large'],
      false,
    ])
  })
})

/** The processes that read for this one. */
function readers(parent = process.pid): number[] {
  const args = ['-o', 'pid=,args=', '--ppid', String(parent)]
  const { stdout } = spawnSync('ps', args, { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => line.includes('reader/child.ts'))
    .map((line) => Number.parseInt(line, 10))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The most memory that a process has used, in bytes. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

describe('the process', () => {
  const large = () => zipped(...extendedMembers(plays.map((play) => extendedRow(play))))

  test('that is killed ends the reading with a failure that can be repeated', async () => {
    const reading = (async () => {
      for await (const message of readUpload(large())) {
        if (message.type === 'page') for (const pid of readers()) process.kill(pid, 'SIGKILL')
      }
    })()
    await expect(reading).rejects.toThrow(Transient)
  })

  test('whose memory is full ends the reading for good', async () => {
    const reading = (async () => {
      // V8 does this when its heap is full.
      for await (const message of readUpload(large())) {
        if (message.type === 'page') for (const pid of readers()) process.kill(pid, 'SIGABRT')
      }
    })()
    await expect(reading).rejects.toThrow(Stop)
  })

  test('ends with the process that started it', async () => {
    const [file] = large()
    const code = `import { readUpload } from '#lib/imports/reader/reader.ts'
      for await (const message of readUpload(${JSON.stringify([file])}))
        if (message.type === 'page') { console.log('reading'); await new Promise((end) => setTimeout(end, 100_000)) }`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(parent.stdout, 'data')
    const [reader = 0] = readers(parent.pid)
    expect(reader).toBeGreaterThan(0)
    parent.kill('SIGKILL')
    await eventually(() => !isRunning(reader))
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
