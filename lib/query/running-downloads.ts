import { MINUTE } from '#lib/core/durations.ts'
import { Wait } from '#lib/core/errors.ts'

/** The downloads of this process, which is the only one that opens a listener's file. */

const KEY = Symbol.for('tracklake.downloads')
const place = globalThis as { [KEY]?: Map<string, Set<() => Promise<void>>> }
// Routes are bundled separately, and all of them have to find the same downloads.
place[KEY] ??= new Map()
const running = place[KEY]

/** The same parts, until the listener's downloads are stopped. @throws Wait then: a shorter file must not look whole */
export async function* stoppable(
  userId: string,
  bytes: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  const own = running.get(userId) ?? new Set()
  let isStopped = false
  const stop = async () => {
    isStopped = true
    await bytes.return()
  }
  running.set(userId, own.add(stop))
  try {
    for await (const part of bytes) {
      yield part
      if (isStopped) break
    }
    if (isStopped) throw replaced()
  } finally {
    own.delete(stop)
    if (own.size === 0) running.delete(userId)
  }
}

function replaced(): Wait {
  return new Wait('The built-in warehouse is being replaced', new Date(Date.now() + MINUTE), {
    remedy: 'Start the download again in a minute.',
  })
}

/** Breaks off a listener's downloads, so that their file can be replaced or deleted: a slow one keeps it open for minutes. */
export async function stopDownloads(userId: string): Promise<void> {
  await Promise.all([...(running.get(userId) ?? [])].map((stop) => stop().catch(() => undefined)))
}
