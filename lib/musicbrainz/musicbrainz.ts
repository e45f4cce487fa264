import { z } from 'zod'
import { SECOND } from '#lib/core/clock.ts'
import { messageOf, Skip, Transient } from '#lib/core/errors.ts'
import { fold } from '#lib/core/fold.ts'
import { toStorable } from '#lib/core/storable.ts'
import { VERSION } from '#lib/core/version.ts'

/**
 * MusicBrainz, the free music encyclopedia: https://musicbrainz.org/doc/MusicBrainz_API. It allows one request a second
 * and wants a User-Agent with a contact. The pace is kept by lib/genres.
 */

export interface MusicBrainzApi {
  /** Root of the API, with /ws/2. */
  url: string
  /** An email or web address of the operator. */
  contact: string
  deadlineMs?: number
}

/** A failed request, with how long MusicBrainz asks to pause; null if it doesn't say. */
export class MusicBrainzBusy extends Transient {
  readonly pauseMs: number | null

  constructor(message: string, pauseMs: number | null, cause?: unknown) {
    super(message, {
      remedy: 'Nothing to do. Tracklake retries automatically.',
      cause,
      context: { kind: 'musicbrainz' },
    })
    this.pauseMs = pauseMs
  }
}

const DEADLINE_MS = 15 * SECOND
/** 25 artists with all their aliases are about 100 kB. */
const MAX_BYTES = 2 * 1024 * 1024
/** Namesakes that a search shows. With more, one of them is not the only one anyway. */
const MAX_FOUND = 25
const BEST_SCORE = 100
/** As many genres of an artist as are kept, those with most votes first. */
const MAX_GENRES = 5

const Found = z.looseObject({
  artists: z.array(z.looseObject({ id: z.string(), name: z.string(), score: z.coerce.number() })),
})

const Described = z.looseObject({
  id: z.string(),
  genres: z.array(z.looseObject({ name: z.string(), count: z.coerce.number() })).default([]),
})

/**
 * The id of the artist of a name; null if there is none, or several. Names are the same if they are equal after folding.
 * @throws MusicBrainzBusy, or Skip if MusicBrainz refuses this name
 */
export async function findArtist(api: MusicBrainzApi, name: string): Promise<string | null> {
  const query = `artist:"${name.replaceAll(/[\\"]/g, '\\$&')}"`
  const { artists } = await get(api, '/artist', { query, limit: String(MAX_FOUND) }, Found)
  const namesakes = artists.filter((artist) => fold(artist.name) === fold(name))
  const [only, another] = namesakes
  return only && !another && only.score >= BEST_SCORE ? only.id : null
}

/**
 * The genres of an artist, those with most votes first; null if MusicBrainz no longer has this id.
 * @throws as `findArtist`
 */
export async function genresOfArtist(api: MusicBrainzApi, id: string): Promise<string[] | null> {
  const path = `/artist/${encodeURIComponent(id)}`
  const described = await get(api, path, { inc: 'genres' }, Described).catch((error: unknown) => {
    if (error instanceof NotFound) return null
    throw error
  })
  if (described === null) return null
  const { genres } = described
  return genres
    .filter(({ name, count }) => count > 0 && name !== '' && !name.includes(','))
    .sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1))
    .slice(0, MAX_GENRES)
    .map(({ name }) => toStorable(name).toLowerCase())
}

class NotFound extends Skip {}

async function get<Shape extends z.ZodType>(
  { url, contact, deadlineMs = DEADLINE_MS }: MusicBrainzApi,
  path: string,
  query: Record<string, string>,
  shape: Shape,
): Promise<z.output<Shape>> {
  const address = new URL(`${url}${path}`)
  address.search = new URLSearchParams({ ...query, fmt: 'json' }).toString()
  const response = await fetch(address, {
    redirect: 'error',
    signal: AbortSignal.timeout(deadlineMs),
    headers: { accept: 'application/json', 'user-agent': `Tracklake/${VERSION} ( ${contact} )` },
  })
    .then(async (found) => ({
      status: found.status,
      retryAfter: found.headers.get('retry-after'),
      text: await textOf(found),
    }))
    .catch((cause: unknown) => {
      if (cause instanceof MusicBrainzBusy) throw cause
      const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
      throw new MusicBrainzBusy(
        timedOut ? 'MusicBrainz did not respond in time' : 'MusicBrainz could not be reached',
        null,
        cause,
      )
    })
  const { status, retryAfter, text } = response
  if (status === 400 || status === 404) {
    const Refusal = status === 404 ? NotFound : Skip
    throw new Refusal(`MusicBrainz refuses this request with status ${status}`, { remedy: 'Nothing to do.' })
  }
  if (status !== 200) throw new MusicBrainzBusy(`MusicBrainz responds with status ${status}`, pauseOf(retryAfter))
  return parse(text, shape)
}

function pauseOf(retryAfter: string | null): number | null {
  const seconds = Number(retryAfter)
  return retryAfter !== null && Number.isFinite(seconds) && seconds > 0 ? seconds * SECOND : null
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new MusicBrainzBusy('MusicBrainz’s response is too large', null)
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

function parse<Shape extends z.ZodType>(text: string, shape: Shape): z.output<Shape> {
  try {
    return shape.parse(JSON.parse(text))
  } catch (cause) {
    throw new MusicBrainzBusy('MusicBrainz’s response could not be read', null, messageOf(cause))
  }
}
