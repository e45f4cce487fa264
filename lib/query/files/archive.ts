import { makeZip } from 'client-zip'

export interface ArchivedFile {
  name: string
  bytes: AsyncGenerator<Uint8Array, void>
}

/** A ZIP archive of files, each of which is opened when the one before is written. Not compressed. */
export async function* archiveOf(files: Iterable<ArchivedFile>): AsyncGenerator<Uint8Array, void> {
  // client-zip ends `entries` when it is canceled, but not the file that it is reading.
  async function* entries() {
    for (const { name, bytes } of files) {
      try {
        yield { name, input: bytes }
      } finally {
        await bytes.return()
      }
    }
  }
  const reader = makeZip(entries()).getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    // It throws the reason into `entries`, and returns it.
    await reader.cancel(new Error('No more is needed')).catch(() => undefined)
  }
}
