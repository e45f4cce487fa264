import { expect } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import { erase } from '#lib/accounts/erase.ts'
import { db } from '#lib/db.ts'
import { addChannel } from '#lib/notifications/channels.ts'
import { startS3Server } from '#lib/s3/testing/server.ts'
import { landing } from '#lib/storage/places.ts'
import { chartCsv } from '#testing/exports/trackers.ts'
import { landingInS3 } from '#testing/s3/test-landing.ts'
import { test } from '#testing/sync/fixture.ts'
import { runImportToEnd, uploadFiles } from '#testing/sync/import-files.ts'
import { hasArrivals, takeArrivals } from './arrivals.ts'

/** Files that other programs put into a landing zone in S3. */

const s3 = await startS3Server()
test.override('options', [
  {
    ...landingInS3(s3),
    WEBHOOKS_TO_LOOPBACK: '1',
  },
])
test.beforeEach(() => s3.clearFaults())
test.afterAll(() => s3.stop())

const CHART = 'regional-global-weekly-2026-02-26.csv'
const drop = (path: string, content: string) => landing().putBytes(`uploads/to_process/${path}`, Buffer.from(content))
const waiting = () => s3.contents('landing', 'zone/uploads/to_process/')

/** Imports everything that waits, as the background functions do. */
async function importAll(userId: string) {
  const done = []
  for (const id of await takeArrivals()) done.push(await runImportToEnd(userId, id))
  return done
}

test('files are imported for the listener whose id or Spotify id names their folder, once', async ({ listener }) => {
  const { userId, name } = listener
  await stopRuns(userId)
  await drop(`${userId}/${CHART}`, chartCsv(50))
  await drop(`${name}/`, '')
  await drop(`${userId}/.partial.csv`, 'half')
  expect(await hasArrivals()).toBe(true)
  const [first, ...others] = await importAll(userId)
  expect(others).toEqual([])
  expect(first).toMatchObject({ state: 'done', names: [CHART], read: 50, new: 50 })
  expect(s3.contents('landing', `zone/uploads/processed/${userId}/`)).toEqual([
    `zone/uploads/processed/${userId}/${first?.id}/${CHART}`,
  ])
  expect(await hasArrivals()).toBe(false)
  expect(await takeArrivals()).toEqual([])

  await drop(`${name}/weekly/${CHART}`, chartCsv(50))
  expect(await importAll(userId)).toMatchObject([{ state: 'done', names: [CHART], new: 0, duplicate: 50 }])
})

test('a crash before files were moved imports nothing twice, and a changed file at the same path is another one', async ({
  listener,
}) => {
  const { userId } = listener
  await stopRuns(userId)
  await drop(`${userId}/${CHART}`, chartCsv(20))
  s3.inject({ operation: 'CopyObject', fails: 'AccessDenied' })
  const [id = ''] = await takeArrivals()
  expect(waiting()).toContain(`zone/uploads/to_process/${userId}/${CHART}`)
  await runImportToEnd(userId, id)
  expect(await takeArrivals()).toEqual([])
  await drop(`${userId}/${CHART}`, chartCsv(30))
  s3.clearFaults()
  expect(await importAll(userId)).toMatchObject([{ state: 'done', new: 10, duplicate: 20 }])
  expect(waiting().filter((path) => path.includes(userId))).not.toContain(`zone/uploads/to_process/${userId}/${CHART}`)
  expect(await db().arrival.count()).toBe(0)
})

test('files wait while another import is open, and while their download fails', async ({ listener }) => {
  const { userId } = listener
  await stopRuns(userId)
  const open = await uploadFiles(userId, { [CHART]: chartCsv(5) })
  await drop(`${userId}/later.csv`, 'nothing that can be read')
  expect(await takeArrivals()).toEqual([])
  await runImportToEnd(userId, open)
  s3.inject({ operation: 'GetObject', fails: 'SlowDown' })
  await expect(takeArrivals()).rejects.toMatchObject({ recovery: 'wait' })
  expect(await db().import.count({ where: { userId, state: 'queued' } })).toBe(0)
  s3.clearFaults()
  expect(await importAll(userId)).toMatchObject([{ state: 'failed', names: ['later.csv'] }])
})

test('files of nobody and files that are too large are moved away, and those who can help are notified', async ({
  listener: { userId },
}) => {
  await db().user.update({ where: { id: userId }, data: { isAdmin: true } })
  await addChannel({ id: userId }, { kind: 'webhook', label: 'hook', address: `${s3.url}/hook`, events: ['failed'] })
  await drop('somebody/history.zip', 'x')
  await drop('lost.csv', 'x')
  await drop(`${userId}/large.zip`, 'x')
  const large = s3.state('landing').objects.get(`zone/uploads/to_process/${userId}/large.zip`)?.at(-1)
  if (large) large.body = Buffer.alloc(501 * 1024 * 1024)
  expect(await takeArrivals()).toEqual([])
  expect(waiting().filter((path) => /somebody|lost|large/.test(path))).toEqual([])
  expect(s3.contents('landing', 'zone/uploads/refused/')).toEqual([
    `zone/uploads/refused/${userId}/large.zip`,
    'zone/uploads/refused/lost.csv',
    'zone/uploads/refused/somebody/history.zip',
  ])
  const messages = await db().message.findMany()
  const problems = messages.map(({ content }) => (content as { problem: string }).problem).sort()
  expect(problems).toEqual([
    'A file is larger than 500 MB: large.zip',
    'Files in uploads/to_process belong to no listener: lost.csv',
    'No listener here has the id "somebody": history.zip',
  ])
})

test('deleting the account deletes the files, wherever they are', async ({ listener }) => {
  const { userId, name } = listener
  await stopRuns(userId)
  await drop(`${userId}/${CHART}`, chartCsv(5))
  await importAll(userId)
  await drop(`${name}/next.csv`, 'x')
  await drop(`${userId}/next.csv`, 'x')
  expect((await erase(userId, name)).landedObjects).toBeGreaterThanOrEqual(3)
  expect(s3.contents('landing').filter((key) => key.includes(userId) || key.includes(`/${name}/`))).toEqual([])
})
