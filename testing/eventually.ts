import { pause } from '#lib/core/clock.ts'

/** Polls until `find` returns something truthy. The timeout only ends what would never happen. */
export async function eventually<T>(
  find: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    const value = await find()
    if (value) return value
    await pause(10)
  }
  throw new Error(`this never happened: ${find}`)
}
