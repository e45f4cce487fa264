import { expect, test } from './fixtures.ts'
import { accessibilityProblems, panel } from './pages.ts'

const LISTENER = 'load-100'

test('a listener publishes their tables as files, downloads them, and stops', async ({ pageOf }) => {
  const page = await pageOf(LISTENER)
  // The first tables are enough; the first sync may go on.
  const tables = async () => (await (await page.request.get('/api/tables')).json()).tables.length
  await expect.poll(tables, { timeout: 60_000 }).toBeGreaterThan(0)
  await page.goto('/connections')
  await panel(page, 'Data lake').getByRole('link', { name: 'Set up' }).click()
  await expect(page).toHaveURL('/connections/lake')
  const state = panel(page, 'Your tables as files')
  await state.getByRole('button', { name: 'Publish now' }).click()
  await expect(state.getByRole('status')).toContainText('published', { timeout: 60_000 })
  const files = panel(page, 'Files')
  await expect(files).toContainText(/refined\/\w+\/data\.parquet/)
  await expect(panel(page, 'Query them elsewhere')).toContainText('CREATE EXTERNAL TABLE')
  const [archive] = await Promise.all([
    page.waitForEvent('download'),
    files.getByRole('link', { name: 'Download all' }).click(),
  ])
  expect(archive.suggestedFilename()).toBe('tracklake-files.zip')
  expect(await accessibilityProblems(page)).toEqual([])

  // The policy follows what is typed, and the fields are checked before anything is contacted.
  const bucket = panel(page, 'Connect an S3 bucket')
  await bucket.getByLabel('Bucket', { exact: true }).fill('Not_a_bucket')
  await bucket.getByLabel('Region').fill('eu-central-1')
  await expect(panel(page, 'In AWS')).toContainText('arn:aws:s3:::Not_a_bucket/tracklake/*')
  await bucket.getByRole('button', { name: 'Test bucket' }).click()
  await expect(bucket).toContainText('This must be the name of a bucket')
  await expect(bucket).toContainText('This must be the secret of the access key')

  await state.getByRole('button', { name: 'Stop publishing' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop publishing' }).click()
  await expect(state).toContainText('Tracklake writes all your tables as Parquet')
  await expect(files).toBeHidden()
})
