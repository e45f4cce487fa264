import { expect, type Locator, type Page } from '@playwright/test'
import { z } from 'zod'
import { type HttpReceiver, startHttpReceiver } from '#testing/receivers.ts'
import { test } from './fixtures.ts'
import { ORIGIN } from './instance.ts'
import { accessibilityProblems, panel } from './pages.ts'
import { ADMIN } from './sign-in.ts'
import { configureSpotify } from './simulator.ts'

const LISTENER = 'load-91'
const OTHER = 'load-92'
const ALBUMS = 'user_saved_albums_stream'

const Run = z.object({ id: z.string() })
const Runs = z.object({ runs: z.array(Run) })
const Message = z.object({ event: z.string(), title: z.string(), link: z.string(), problem: z.string().nullable() })

let receiver: HttpReceiver
test.beforeAll(async () => {
  receiver = await startHttpReceiver()
})
test.afterAll(() => receiver.close())

const messages = () => receiver.received.map(({ body }) => Message.parse(JSON.parse(body)))
const events = () => messages().map(({ event }) => event)

/** Cancels the first sync, so that only the test's own runs remain. */
async function cancelFirstSync({ request }: Page): Promise<void> {
  const { runs } = Runs.parse(await (await request.get('/api/runs')).json())
  for (const { id } of runs) await request.post(`/api/runs/${id}/cancel`)
}

async function syncAlbums({ request }: Page): Promise<string> {
  const response = await request.post('/api/runs', { data: { streams: [ALBUMS] } })
  return Run.parse(await response.json()).id
}

async function addChannel(notifications: Locator, address: string): Promise<void> {
  await notifications.getByRole('combobox', { name: 'Type' }).selectOption('Webhook')
  await notifications.getByRole('textbox', { name: 'Name' }).fill('My receiver')
  await notifications.getByRole('textbox', { name: 'Address' }).fill(address)
  await notifications.getByRole('button', { name: 'Save' }).click()
}

test('a webhook is added and tested, and a failing sync sends it one message with a link', async ({ pageOf }) => {
  const page = await pageOf(LISTENER)
  await cancelFirstSync(page)
  await page.goto('/settings')
  const notifications = panel(page, 'Notifications')
  await notifications.getByRole('button', { name: 'Add a channel' }).click()

  await addChannel(notifications, 'https://192.168.1.1/hook')
  await expect(notifications.getByText('The receiver is not on the public internet')).toBeVisible()
  expect(await accessibilityProblems(page)).toEqual([])
  await addChannel(notifications, `${receiver.origin}/hook`)
  await expect(notifications.getByText(/^whsec_/)).toBeVisible()
  const channel = notifications.getByRole('listitem', { name: 'My receiver' })
  await channel.getByRole('button', { name: 'Send a test' }).click()
  await expect(channel.getByText('Test message delivered.')).toBeVisible()
  expect(events()).toEqual(['test'])

  await configureSpotify({ listeners: { [LISTENER]: { allowed: false } } })
  const id = await syncAlbums(page)
  await expect.poll(events, { timeout: 60_000 }).toEqual(['test', 'failed'])
  const [, failed] = messages()
  expect(failed).toMatchObject({ title: 'Saved albums could not be synced', link: `${ORIGIN}/runs/${id}` })
  await page.goto(failed?.link ?? '')
  await expect(page.getByText(failed?.problem ?? 'no problem').first()).toBeVisible()
  // The banner shows it as well, without any channel.
  const line = page.getByText('Saved albums could not be synced. First noticed')
  await page.goto('/overview')
  await expect(line).toContainText(failed?.problem ?? 'no problem')
  await expect(line.getByRole('link', { name: 'Open the sync' })).toHaveAttribute('href', `/runs/${id}`)
  expect(await accessibilityProblems(page)).toEqual([])
  const admins = await pageOf(ADMIN)
  await admins.goto('/admin')
  await expect(panel(admins, /with open alerts$/)).toContainText('Saved albums could not be synced')

  await configureSpotify({ listeners: { [LISTENER]: { allowed: true } } })
  await page.request.post(`/api/runs/${id}/rerun`)
  await expect.poll(events, { timeout: 60_000 }).toEqual(['test', 'failed', 'recovered'])
  await page.reload()
  await expect(line).toBeHidden()
})

test('an unreachable receiver is shown on its channel, without its address', async ({ pageOf }) => {
  const page = await pageOf(OTHER)
  await cancelFirstSync(page)
  const gone = await startHttpReceiver()
  await gone.close()
  await page.request.post('/api/channels', {
    data: { kind: 'webhook', label: 'Gone', address: `${gone.origin}/secret-path`, events: ['failed'] },
  })
  await page.goto('/settings')
  const channel = panel(page, 'Notifications').getByRole('listitem', { name: 'Gone' })
  await channel.getByRole('button', { name: 'Send a test' }).click()
  await expect(channel.getByText('The receiver cannot be reached')).toBeVisible()
  await page.reload()
  await expect(channel.getByText('The receiver cannot be reached')).toBeVisible()
  const line = page.getByText('Messages to “Gone” aren’t arriving')
  await expect(line.getByRole('link', { name: 'Notifications' })).toHaveAttribute('href', '/settings#notifications')
  expect(await page.content()).not.toContain('secret-path')
  await channel.getByRole('button', { name: 'Remove' }).click()
  await channel.getByRole('button', { name: 'Remove “Gone”' }).click()
  await expect(channel).toBeHidden()
  await expect(line).toBeHidden()
})
