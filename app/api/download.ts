import { MINUTE } from '#lib/core/durations.ts'
import { messageOf } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'

/** A caller who takes nothing for this long has gone: reading on would keep the warehouse busy for nobody. */
const STALLED_MS = MINUTE
/** For a whole file. Until then, a load can't replace the listener's file and the account can't be deleted. */
const DEADLINE_MS = 15 * MINUTE

/**
 * A response body that reads `bytes` as fast as the caller takes them. Whatever ends it, `bytes` is returned, and then
 * `onEnd` is called.
 * @throws what `bytes` throws before its first part, so that the caller still gets an error response
 */
export async function bodyOf(
  bytes: AsyncGenerator<Uint8Array, void>,
  onEnd: () => void,
  { stalledMs = STALLED_MS, deadlineMs = DEADLINE_MS } = {},
): Promise<ReadableStream<Uint8Array>> {
  let first: IteratorResult<Uint8Array, void> | null = await bytes.next()
  let stalled: NodeJS.Timeout | undefined
  let deadline: NodeJS.Timeout | undefined
  let ended: Promise<void> | undefined
  const end = () => {
    clearTimeout(stalled)
    clearTimeout(deadline)
    ended ??= bytes
      .return()
      .catch((error) => log.warn('a download did not end cleanly', { problem: messageOf(error) }))
      .then(onEnd)
    return ended
  }
  const stopAfter = (ms: number, reason: string, controller: ReadableStreamDefaultController) =>
    setTimeout(() => {
      log.warn('a download was stopped', { reason })
      controller.error(new Error(reason))
      void end()
    }, ms).unref()
  const watch = (controller: ReadableStreamDefaultController) => {
    stalled = stopAfter(stalledMs, 'the caller stopped reading', controller)
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        deadline = stopAfter(deadlineMs, 'the file took too long', controller)
        watch(controller)
      },
      async pull(controller) {
        clearTimeout(stalled)
        try {
          const { done, value } = first ?? (await bytes.next())
          first = null
          if (ended) return
          if (done) {
            controller.close()
            await end()
          } else {
            controller.enqueue(value)
            watch(controller)
          }
        } catch (error) {
          log.error('a download failed', { problem: messageOf(error) })
          controller.error(error)
          await end()
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}
