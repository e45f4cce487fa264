import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { DAY } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { spoolFolder } from '#lib/storage/places.ts'
import { test } from '#testing/sync/fixture.ts'
import { createSpool, sweepSpool } from './spool.ts'
import { receiveUpload, sweepUploads, UPLOADER } from './upload.ts'
import { importsToContinue, runImport } from './work.ts'

const BOUNDARY = 'planted-boundary'
const CONTENT_TYPE = `multipart/form-data; boundary=${BOUNDARY}`

const part = (name: string, content: string, field = 'files') =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: application/zip\r\n\r\n${content}\r\n`
const END = `--${BOUNDARY}--\r\n`

/** An upload whose body arrives in pieces; `cut` breaks the connection after them. */
function upload(pieces: string[], { contentType = CONTENT_TYPE, cut = false, length = 0 } = {}): Request {
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift()
      if (piece !== undefined) controller.enqueue(Buffer.from(piece))
      else if (cut) controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
      else controller.close()
    },
  })
  const headers = { 'content-type': contentType, 'content-length': String(length || pieces.join('').length) }
  return new Request('http://127.0.0.1/api/imports', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
}

const spooled = () => (existsSync(spoolFolder()) ? readdirSync(spoolFolder()) : [])

test('files arrive in the spool as they were sent, readable by their owner only, whatever their names are', async ({
  listener: { userId },
}) => {
  const hostile = '../../etc/passwd'
  const form = part('my data.zip', 'first') + part(hostile, 'sec\r\nond') + part('', '') + END
  const { id } = await receiveUpload({ id: userId }, upload([form.slice(0, 50), form.slice(50)]))
  const row = await db().import.findUniqueOrThrow({ where: { id } })
  expect(row).toMatchObject({
    state: 'queued',
    names: ['my data.zip', 'passwd', 'unnamed'],
    heldBy: null,
    heldUntil: null,
  })
  const folder = join(spoolFolder(), id)
  expect(readdirSync(folder)).toEqual(['0', '1', '2'])
  expect(['0', '1'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['first', 'sec\r\nond'])
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, '0')).mode & 0o777).toBe(0o600)
})

test.for([
  ['no form', { contentType: 'application/json' }, ['{}'], 415, 'not-multipart'],
  ['a form without a boundary', { contentType: 'multipart/form-data' }, [END], 415, 'not-multipart'],
  ['no files', {}, [END], 400, 'no-files'],
  ['another field', {}, [part('a.zip', 'a', 'file'), END], 400, 'no-files'],
  ['51 files', {}, [...Array.from({ length: 51 }, (_, at) => part(`${at}.json`, '[]')), END], 400, 'too-many-files'],
  ['a form without its end', {}, [part('a.zip', 'a').slice(0, -3)], 400, 'cut-upload'],
  ['a lost connection', { cut: true }, [part('a.zip', 'a')], 400, 'cut-upload'],
  ['more than the disk has', { length: 2 ** 50 }, [part('a.zip', 'a'), END], 507, 'disk-full'],
] as const)(
  'an upload with %s is refused and leaves nothing',
  async ([, options, pieces, status, code], { listener }) => {
    const before = spooled()
    const refused = receiveUpload({ id: listener.userId }, upload([...pieces], options))
    await expect(refused).rejects.toMatchObject({ status, code })
    expect(spooled()).toEqual(before)
    expect(await db().import.count({ where: { userId: listener.userId } })).toBe(0)
  },
)

test('a body of more than 500 MB is refused, whatever its stated length', async ({ listener: { userId } }) => {
  const piece = 'x'.repeat(4 * 1024 * 1024)
  const pieces = [part('a.zip', '').slice(0, -2), ...Array.from({ length: 126 }, () => piece)]
  await expect(receiveUpload({ id: userId }, upload(pieces, { length: 100 }))).rejects.toMatchObject({ status: 413 })
  expect(await db().import.count({ where: { userId } })).toBe(0)
})

test('accepts one of two uploads at once, and the next when that import has ended', async ({ listener }) => {
  const send = () => receiveUpload({ id: listener.userId }, upload([part('a.zip', 'a'), END]))
  const results = await Promise.allSettled([send(), send()])
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'import-open' } })
  await expect(send()).rejects.toMatchObject({ status: 409, code: 'import-open' })
  await db().import.updateMany({ where: { userId: listener.userId }, data: { state: 'done', endedAt: new Date() } })
  await send()
})

test('removes what an upload left behind when its process died', async ({ listener: { userId } }) => {
  const held = { heldBy: UPLOADER, heldUntil: new Date(Date.now() - 1_000) }
  await db().import.create({ data: { id: `died-${userId}`, userId, ...held } })
  await createSpool(`died-${userId}`)
  await createSpool('unknown')
  await sweepSpool()
  expect(spooled()).toContain(`died-${userId}`)
  expect(spooled()).not.toContain('unknown')
  await sweepUploads()
  expect(spooled()).not.toContain(`died-${userId}`)
  expect(await db().import.count({ where: { userId } })).toBe(0)
})

test('removes uploads that have waited too long for an answer or for a suspended listener', async ({
  listener: { userId },
}) => {
  const createdAt = new Date(Date.now() - 4 * DAY)
  const [unanswered, waiting] = [`unanswered-${userId}`, `waiting-${userId}`]
  const row = { userId, names: ['a.csv'], createdAt, startedAt: createdAt }
  await db().import.createMany({
    data: [
      { id: unanswered, ...row, state: 'needs_answer' },
      { id: waiting, ...row, state: 'queued' },
    ],
  })
  for (const id of [unanswered, waiting]) await createSpool(id)
  await sweepUploads()
  expect(await importsToContinue()).toContain(unanswered)
  await runImport(unanswered, 'job')
  expect(spooled()).not.toContain(unanswered)
  expect(await db().import.findUnique({ where: { id: unanswered } })).toMatchObject({ state: 'cancelled' })
  expect(spooled()).toContain(waiting)
  await db().user.update({ where: { id: userId }, data: { suspendedAt: new Date() } })
  await sweepUploads()
  expect(spooled()).not.toContain(waiting)
})

test('an upload of an account that is deleted meanwhile leaves nothing', async ({ listener: { userId } }) => {
  const request = upload([part('a.zip', 'a'), END])
  await db().user.update({ where: { id: userId }, data: { erasingAt: new Date() } })
  await expect(receiveUpload({ id: userId }, request)).rejects.toMatchObject({ code: 'being-deleted' })
})
