import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { APIRequestContext } from '@playwright/test'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { lastfmCsv } from '#testing/exports/trackers.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { expect, test } from './fixtures.ts'
import { DATA_FOLDER, ORIGIN } from './instance.ts'
import { accessibilityProblems, panel } from './pages.ts'

// One after the other: they look at what all uploads leave in one folder.
test.describe.configure({ mode: 'default' })

const PLAYS = 3_000
const MB = 1024 * 1024

const history = (plays = PLAYS) => ({
  name: 'my_spotify_data.zip',
  mimeType: 'application/zip',
  buffer: zipOf([...extendedMembers([...madePlays({ plays })].map((play) => extendedRow(play)))]),
})

const spooled = () => {
  const folder = join(DATA_FOLDER, 'demo', 'spool')
  return existsSync(folder) ? readdirSync(folder) : []
}

test('a dropped export is read, charted and counted, and its receipt adds up', async ({ idlePageOf }) => {
  const page = await idlePageOf('load-107')
  await page.goto('/import')
  await page.getByLabel('Files to import').setInputFiles(history())
  const imports = panel(page, 'Your imports')
  await expect(imports.getByText('imported', { exact: true })).toBeVisible({ timeout: 60_000 })
  await expect(imports.getByRole('row', { name: /rows read/ })).toContainText('3,000')
  await expect(imports.getByRole('row', { name: /new/ })).toContainText('3,000')
  await imports.getByText('Files').click()
  await expect(imports.getByRole('row', { name: /Streaming_History_Audio/ })).toContainText('3,000')
  expect(spooled()).toEqual([])
  await page.goto('/history?period=all')
  await expect(page.getByText(/Song \d+/).first()).toBeVisible()

  await page.goto('/import')
  await imports.getByRole('button', { name: 'Undo' }).click()
  const dialog = page.getByRole('dialog', { name: 'Undo this import?' })
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Undo import' }).click()
  await expect(imports.getByText('undone', { exact: true })).toBeVisible({ timeout: 60_000 })
  await page.goto('/history?period=all')
  await expect(page.getByText(/Song \d+/)).toHaveCount(0)
})

test('a question is asked on the page, the answer continues the import, and the keyboard reaches everything', async ({
  idlePageOf,
}) => {
  const page = await idlePageOf('load-66')
  await page.goto('/import')
  const button = page.getByRole('button', { name: 'Choose files' })
  await button.focus()
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')])
  const csv = lastfmCsv([...madePlays({ plays: 40 })])
  await chooser.setFiles({ name: 'scrobbles.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  const importing = panel(page, 'Importing')
  await expect(importing.getByLabel('Time zone of the file')).toBeVisible({ timeout: 60_000 })
  expect(await accessibilityProblems(page)).toEqual([])
  await importing.getByLabel('Time zone of the file').selectOption('Asia/Tokyo')
  await importing.getByRole('button', { name: 'Continue' }).click()
  await expect(panel(page, 'Your imports').getByText('imported', { exact: true })).toBeVisible({ timeout: 60_000 })

  await page
    .getByLabel('Files to import')
    .setInputFiles({ name: 'scrobbles.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await importing.getByRole('button', { name: 'Cancel import' }).click()
  await expect(panel(page, 'Your imports').getByText('canceled', { exact: true })).toBeVisible({ timeout: 60_000 })
})

/** The session of a browser, for requests that Playwright can't send. */
async function cookieOf(request: APIRequestContext): Promise<string> {
  const { cookies } = await request.storageState()
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** Sends an upload byte by byte. @returns what came back when the connection ended */
function send(headers: string[], body: (socket: ReturnType<typeof connect>) => Promise<void>): Promise<string> {
  const { hostname, port, host } = new URL(ORIGIN)
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text
  })
  socket.write(['POST /api/imports HTTP/1.1', `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n'))
  return new Promise((resolve) => {
    socket.on('error', () => undefined).on('close', () => resolve(received))
    void body(socket)
  })
}

const BOUNDARY = randomUUID()
const FORM = `Content-Type: multipart/form-data; boundary=${BOUNDARY}`
const FILE = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.zip"\r\n\r\n`

test('uploads that are too large, cut off or not a form are refused and leave nothing', async ({ idlePageOf }) => {
  const { request } = await idlePageOf('load-62')
  const cookie = `Cookie: ${await cookieOf(request)}`
  const nothing = async () => undefined
  expect(await send([cookie, FORM, `Content-Length: ${501 * MB}`], nothing)).toContain('Send at most 500 MB')
  expect(await send([cookie, FORM, 'Transfer-Encoding: chunked'], nothing)).toContain('length-required')
  expect(await send([FORM, `Content-Length: ${20 * MB}`], nothing)).toContain('signed-out')

  const arrived = () => request.get('/api/imports').then((response) => response.json())
  await send([cookie, FORM, `Content-Length: ${100 * MB}`], async (socket) => {
    socket.write(FILE)
    for (let sent = 0; sent < 12; sent++)
      await new Promise<void>((done) => void socket.write(Buffer.alloc(MB, 'x'), () => done()))
    await expect.poll(() => spooled().length).toBe(1)
    socket.destroy()
  })
  await expect.poll(() => spooled()).toEqual([])
  expect(await arrived()).toEqual({ imports: [] })

  const noForm = await request.post('/api/imports', { data: { files: [] } })
  expect([noForm.status(), (await noForm.json()).error.code]).toEqual([415, 'not-multipart'])
  const foreign = { origin: 'https://elsewhere.example' }
  const other = await request.post('/api/imports', { multipart: { files: history(10) }, headers: foreign })
  expect(other.status()).toBe(403)
})

test('a second upload is refused during the first, and files of many megabytes arrive whole', async ({
  idlePageOf,
}) => {
  const { request } = await idlePageOf('load-63')
  const cookie = `Cookie: ${await cookieOf(request)}`
  const end = `\r\n--${BOUNDARY}--\r\n`
  const length = FILE.length + 30 * MB + end.length
  const response = await send([cookie, FORM, `Content-Length: ${length}`], async (socket) => {
    socket.write(FILE)
    socket.write(Buffer.alloc(MB, 'x'))
    await expect.poll(() => spooled().length).toBeGreaterThan(0)
    const second = await request.post('/api/imports', { multipart: { files: history(10) } })
    expect([second.status(), (await second.json()).error.code]).toEqual([409, 'import-open'])
    for (let sent = 1; sent < 30; sent++)
      await new Promise<void>((done) => void socket.write(Buffer.alloc(MB, 'x'), () => done()))
    socket.write(end)
  })
  expect(response).toContain('202 Accepted')
  const list = () => request.get('/api/imports').then((found) => found.json())
  await expect.poll(async () => (await list()).imports[0].state, { timeout: 30_000 }).toBe('failed')
  const [{ id, remedy }] = (await list()).imports
  expect(remedy).not.toBe('')
  const details = await (await request.get(`/api/imports/${id}`)).json()
  expect(details.members).toMatchObject([{ file: 'a.zip', state: 'refused' }])
})

test('a token with the scope can import, and other listeners see nothing of it', async ({ idlePageOf }) => {
  const { request } = await idlePageOf('load-64')
  const form = { name: 'import', days: 1 }
  const scoped = await request.post('/api/tokens', { data: { ...form, scopes: ['start imports'] } })
  const unscoped = await request.post('/api/tokens', { data: { ...form, scopes: ['read charts'] } })
  const tokenOf = async (made: typeof scoped) => ({ authorization: `Bearer ${(await made.json()).token}` })
  const multipart = { files: history(10) }
  const post = async (headers: Record<string, string>) =>
    fetch(`${ORIGIN}/api/imports`, { method: 'POST', headers, body: formOf(multipart.files) })
  expect((await post(await tokenOf(unscoped))).status).toBe(403)
  const accepted = await post(await tokenOf(scoped))
  expect(accepted.status).toBe(202)
  const { id } = await accepted.json()
  const other = await idlePageOf('load-65')
  for (const path of ['', '/rejected.csv'])
    expect((await other.request.get(`/api/imports/${id}${path}`)).status()).toBe(404)
  for (const action of ['undo', 'cancel'])
    expect((await other.request.post(`/api/imports/${id}/${action}`, { data: {} })).status()).toBe(404)
})

function formOf({ name, buffer }: ReturnType<typeof history>): FormData {
  const form = new FormData()
  form.append('files', new Blob([new Uint8Array(buffer)]), name)
  return form
}
