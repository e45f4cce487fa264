import { DAY, HOUR, MINUTE, SECOND } from '#lib/core/clock.ts'
import { PLANTED } from './planted.ts'
import type { ZipMember } from './zip.ts'

/**
 * Both exports that Spotify sends on request, made up: https://support.spotify.com/article/understanding-your-data. The
 * extended history has the 23 documented keys; old ones also had names, places and devices.
 */

export interface MadePlay {
  /** The end of the play, in ms. */
  at: number
  msPlayed: number
  /** Songs with the same number are the same song. */
  song: number
  skipped: boolean
}

export type ExtendedRow = Record<string, string | number | boolean | null>

/** Numbers between 0 and 1 that are the same for every run with the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const SONGS = 55_000
const ID_LETTERS = 22
const EVENING = 18 * HOUR

/** The id of a made song, artist or album. */
function idOf(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(ID_LETTERS - prefix.length, '0')}`
}

export const songOf = (song: number) => ({
  uri: `spotify:track:${idOf('Made', song)}`,
  track: `Song ${song}`,
  artist: `Artist ${song % 1_500}`,
  album: `Album ${song % 6_000}`,
  durationMs: 120_000 + ((song * 7_919) % 180_000),
})

/** Plays of a listener, oldest first, in sessions on most evenings. Few songs are heard often, many once. */
export function* madePlays(options: {
  plays: number
  from?: number
  until?: number
  seed?: number
}): Generator<MadePlay> {
  const { plays, from = Date.UTC(2014, 0, 1), until = Date.UTC(2026, 0, 1), seed = 1 } = options
  const random = seeded(seed)
  const days = Math.max(1, Math.floor((until - from) / DAY))
  let made = 0
  for (let day = 0; day < days && made < plays; day++) {
    const upTo = Math.round((plays * (day + 1)) / days)
    const span = DAY - 2 * HOUR
    let at = from + day * DAY + (upTo - made > 60 ? 0 : EVENING % span)
    for (; made < upTo; made++) {
      const song = Math.floor(SONGS ** random())
      const skipped = random() < 0.2
      const msPlayed = skipped ? Math.floor(random() * 20 * SECOND) : songOf(song).durationMs
      at += Math.min(msPlayed + SECOND, Math.floor(span / (upTo - made + 1)) + SECOND)
      yield { at: Math.floor(at / SECOND) * SECOND, msPlayed, song, skipped }
    }
  }
}

/** A row of the extended history, with planted personal data where such a row has some. */
export function extendedRow(play: MadePlay, changes: ExtendedRow = {}): ExtendedRow {
  const { uri, track, artist, album } = songOf(play.song)
  return {
    ts: new Date(play.at).toISOString().replace('.000Z', 'Z'),
    platform: PLANTED.platform,
    ms_played: play.msPlayed,
    conn_country: 'ZZ',
    ip_addr: PLANTED.ip,
    master_metadata_track_name: track,
    master_metadata_album_artist_name: artist,
    master_metadata_album_album_name: album,
    spotify_track_uri: uri,
    episode_name: null,
    episode_show_name: null,
    spotify_episode_uri: null,
    audiobook_title: null,
    audiobook_uri: null,
    audiobook_chapter_uri: null,
    audiobook_chapter_title: null,
    reason_start: 'trackdone',
    reason_end: play.skipped ? 'fwdbtn' : 'trackdone',
    shuffle: false,
    skipped: play.skipped,
    offline: false,
    offline_timestamp: Math.floor((play.at - play.msPlayed) / SECOND),
    incognito_mode: false,
    ...changes,
  }
}

/** What rows had until about 2023 in addition. */
export const OLD_KEYS: ExtendedRow = {
  username: PLANTED.userName,
  ip_addr_decrypted: PLANTED.ipv6,
  user_agent_decrypted: PLANTED.userAgent,
  city: PLANTED.city,
  region: PLANTED.region,
  metro_code: PLANTED.metro,
  latitude: PLANTED.latitude,
  longitude: PLANTED.longitude,
}

/** A row of the account data: minutes, and neither URI nor album. */
export function accountRow({ at, msPlayed, song }: MadePlay): ExtendedRow {
  const { track, artist } = songOf(song)
  const endTime = new Date(Math.floor(at / MINUTE) * MINUTE).toISOString().slice(0, 16).replace('T', ' ')
  return { endTime, artistName: artist, trackName: track, msPlayed }
}

const EXTENDED_ROWS = 16_000
const ACCOUNT_ROWS = 10_000

function* chunks<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let chunk: Item[] = []
  for (const item of items) {
    chunk.push(item)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2)

/** The members of an extended history: 16,000 rows each, as Spotify cuts them, and the PDF that comes with it. */
export function* extendedMembers(rows: Iterable<ExtendedRow>): Generator<ZipMember> {
  const folder = 'Spotify Extended Streaming History'
  yield { name: `${folder}/ReadMeFirst_ExtendedStreamingHistory.pdf`, content: '%PDF-1.7 made' }
  let number = 0
  for (const chunk of chunks(rows, EXTENDED_ROWS)) {
    const years = [chunk[0], chunk.at(-1)].map((row) => String(row?.ts).slice(0, 4))
    const name = `Streaming_History_Audio_${[...new Set(years)].join('-')}_${number++}.json`
    yield { name: `${folder}/${name}`, content: pretty(chunk) }
  }
}

/** Files of the account data that are nobody's business, full of planted personal data. */
const PRIVATE_FILES = {
  'Userdata.json': { username: PLANTED.userName, email: PLANTED.email, birthdate: PLANTED.birthday, country: 'ZZ' },
  'Identity.json': { displayName: PLANTED.userName },
  'Identifiers.json': { identifierValue: PLANTED.email },
  'Payments.json': { payment_method: PLANTED.card, postal_code: PLANTED.postalCode },
  'Follow.json': { userIsFollowing: [PLANTED.userName] },
  'Inferences.json': { inferences: [PLANTED.city] },
  'SearchQueries.json': [{ platform: PLANTED.platform, searchQuery: PLANTED.userName }],
} as const

/** The members of the account data. Its private files come first, as in the alphabet. */
export function* accountMembers(rows: Iterable<ExtendedRow>): Generator<ZipMember> {
  const folder = 'Spotify Account Data'
  for (const [name, content] of Object.entries(PRIVATE_FILES))
    yield { name: `${folder}/${name}`, content: pretty(content) }
  let number = 0
  for (const chunk of chunks(rows, ACCOUNT_ROWS)) {
    yield { name: `${folder}/StreamingHistory_music_${number++}.json`, content: pretty(chunk) }
  }
}
