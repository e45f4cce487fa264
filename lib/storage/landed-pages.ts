import { Stop } from '#lib/core/errors.ts'
import { db, type LandedObject } from '#lib/db.ts'
import { openPack, type Pack } from '#lib/landing/pack.ts'
import { landing } from './places.ts'

/** Where the response of a page is. */
export type LandedPage = Pick<LandedObject, 'id' | 'path' | 'etag' | 'packedAs'>

/**
 * Reads landed pages, packed or not; keeps the pack of the last one open.
 * @throws Stop when a page is missing or damaged
 */
export function landedPageReader(): (page: LandedPage) => Promise<string> {
  let open: { path: string; pack: Pack } | undefined

  async function read({ path, etag, packedAs }: LandedPage): Promise<string> {
    if (packedAs === null) return landing().get(path, etag)
    if (open?.path !== path) open = { path, pack: await openPack(await landing().getBytes(path)) }
    return open.pack.text(packedAs)
  }

  return async (page) => {
    try {
      return await read(page)
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      // It may have been moved or packed since its place was looked up.
      const now = await db().landedObject.findUnique({ where: { id: page.id } })
      if (!now || now.path === page.path) throw error
      return read(now)
    }
  }
}
