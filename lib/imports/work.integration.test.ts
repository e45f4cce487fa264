import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'
import { stopRuns } from '#lib/accounts/disconnect.ts'
import { spoolFolder } from '#lib/storage/places.ts'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { test } from '#testing/sync/fixture.ts'
import { loadAll } from '#testing/sync/run-jobs.ts'
import { importDetails } from './imports.ts'
import { receiveUpload } from './upload.ts'
import { runImport } from './work.ts'

/** An upload as a browser sends it. */
function uploadOf(files: Record<string, Buffer>): Request {
  const form = new FormData()
  for (const [name, content] of Object.entries(files)) form.append('files', new Blob([new Uint8Array(content)]), name)
  return new Request('http://127.0.0.1/api/imports', { method: 'POST', body: form })
}

let jobs = 0

/** Works on an import as its jobs do, until nothing continues by itself. */
async function runToEnd(importId: string): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const { connections } = await runImport(importId, `job-${jobs++}`)
    if (connections.length === 0) return
    for (const id of connections) await loadAll(id)
  }
  throw new Error('The import did not end')
}

const PLAYS = 12_000
const zip = () => zipOf([...extendedMembers([...madePlays({ plays: PLAYS })].map((play) => extendedRow(play)))])

test('an extended history becomes plays with a receipt that adds up, and its files are gone', async ({
  harness,
  listener,
}) => {
  await stopRuns(listener.userId)
  const me = { id: listener.userId }
  const { id } = await receiveUpload(me, uploadOf({ 'my_spotify_data.zip': zip() }))
  await runToEnd(id)
  const { members, ...details } = await importDetails(me, id)
  expect(details).toMatchObject({ state: 'done', read: PLAYS, new: PLAYS, paired: 0, duplicate: 0, rejected: {} })
  expect(members.map(({ read }) => read).reduce((all, one) => all + one)).toBe(PLAYS)
  expect(existsSync(spoolFolder()) ? readdirSync(spoolFolder()) : []).toEqual([])
  const [counted] = await harness.tableRows(listener.userId, 'imported_plays', 'count(*) as plays')
  expect(counted).toEqual({ plays: PLAYS })
})
