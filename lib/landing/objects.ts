import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { Stop } from '#lib/core/errors.ts'

/** What landed objects have in common, wherever they are. */

const compress = promisify(gzip)
const expand = promisify(gunzip)

/** Uncompressed size. The largest page of Spotify is below 1 MB. */
export const MAX_OBJECT_BYTES = 32 * 1024 * 1024

const RE_RUN = 'Press "Re-run" to fetch it from Spotify again.'

/** @throws Stop for more than 32 MB */
export async function compressed(path: string, json: string): Promise<Buffer> {
  const size = Buffer.byteLength(json)
  if (size > MAX_OBJECT_BYTES) throw tooLarge(path, { bytes: size })
  return compress(json)
}

/** @throws Stop when it is truncated, not JSON or too large */
export async function expanded(path: string, bytes: Buffer): Promise<string> {
  try {
    const json = (await expand(bytes, { maxOutputLength: MAX_OBJECT_BYTES })).toString('utf8')
    JSON.parse(json)
    return json
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(path, { cause })
    throw damaged(path, cause)
  }
}

export function damaged(path: string, cause: unknown): Stop {
  return new Stop('A stored response from Spotify is damaged', {
    remedy: RE_RUN,
    context: { path, damaged: true },
    cause,
  })
}

export function missing(path: string, cause: unknown): Stop {
  return new Stop('A stored response from Spotify is missing', {
    remedy: RE_RUN,
    context: { path, damaged: true },
    cause,
  })
}

export function tooLarge(path: string, details: { bytes?: number; cause?: unknown }): Stop {
  return new Stop('A response from Spotify is larger than 32 MB', {
    remedy: 'Report it with "Copy for a bug report" on the sync’s page.',
    context: { path, bytes: details.bytes },
    cause: details.cause,
  })
}

export function leadsOut(): Stop {
  return new Stop('A path leads out of the landing zone', {
    remedy: 'This is a bug in Tracklake: paths of landed objects are relative and contain no "..".',
  })
}

export function changedFile(path: string, cause?: unknown): Stop {
  return new Stop('An uploaded file was changed while it was read', {
    remedy: 'Nothing to do. It is imported when it no longer changes.',
    context: { path },
    cause,
  })
}
