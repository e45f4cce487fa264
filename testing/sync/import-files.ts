import type { ImportDetails } from '#lib/api/imports.ts'
import { importDetails } from '#lib/imports/imports.ts'
import { receiveUpload } from '#lib/imports/upload.ts'
import { runImport } from '#lib/imports/work.ts'
import { loadAll } from './run-jobs.ts'

/** Uploads files, and does the work of the background functions on their import in this process. */

/** An upload as a browser sends it. */
function uploadOf(files: Record<string, Buffer | string>): Request {
  const form = new FormData()
  for (const [name, content] of Object.entries(files))
    form.append('files', new Blob([new Uint8Array(Buffer.from(content))]), name)
  return new Request('http://127.0.0.1:3000/api/imports', { method: 'POST', body: form })
}

/** Uploads files without reading them. @returns the id of the import */
export async function uploadFiles(userId: string, files: Record<string, Buffer | string>): Promise<string> {
  return (await receiveUpload({ id: userId }, uploadOf(files))).id
}

let jobs = 0
const MAX_ROUNDS = 10

/** Works on an import until it has ended or waits for an answer. */
export async function runImportToEnd(userId: string, id: string): Promise<ImportDetails> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { connections } = await runImport(id, `import-job-${jobs++}`)
    if (connections.length === 0) return importDetails({ id: userId }, id)
    for (const connection of connections) await loadAll(connection)
  }
  throw new Error('The import did not end')
}

/** Uploads files, and imports them. */
export async function importFiles(userId: string, files: Record<string, Buffer | string>): Promise<ImportDetails> {
  return runImportToEnd(userId, await uploadFiles(userId, files))
}
