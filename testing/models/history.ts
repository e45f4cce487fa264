import { SOURCES } from '#lib/models/sources.ts'
import type { EmbeddedWarehouse, RunStatement } from '#lib/warehouse/warehouse.ts'

/** A long listening history, made by SQL in the warehouse itself. */

const TRACKS = 55_000
const ARTISTS = 15_000
const YEARS = 12
const IN_A_ROW = 12
const PLAY_MS = 210_000
const API_PLAYS = 20_000 // the newest; what is older was imported
const PAIRED = 300 // the oldest of them are in the import too

/** Bytes in blocks that hold something, and of the whole file. */
export async function sizeOf(warehouse: EmbeddedWarehouse): Promise<{ used: number; file: number }> {
  const [size] = await warehouse.build([], (run) =>
    run('select block_size * used_blocks as used, block_size * total_blocks as file from pragma_database_size()'),
  )
  return { used: Number(size?.used), file: Number(size?.file) }
}

interface History {
  plays: number
  /** The end of the newest play, ISO 8601. */
  until: string
}

/**
 * Fills empty raw tables with 12 years of plays of 55,000 songs by 15,000 artists. How often a song is played falls
 * with its rank, as in real libraries: ranks are uniform on a logarithmic scale. The same values in every run.
 */
export function writeHistory(warehouse: EmbeddedWarehouse, { plays, until }: History): Promise<void> {
  return warehouse.build([...SOURCES], async (run) => {
    await run(`
      create temp table generated as
      with drawn as (
        select
          n,
          date_trunc('millisecond', timestamp '${until.replace('Z', '')}' - to_milliseconds(cast(${msBefore(plays)} as bigint)))
            as played_at,
          cast(floor(exp((hash(n, 'rank') % 1000000) / 1000000.0 * ln(${TRACKS}))) as integer) as track,
          hash(n, 'ms') % 100 as share
        from range(1, ${plays} + 1) numbers(n)
      )
      select
        n, played_at, track,
        ${spotifyId('track')} as track_id,
        ${artistOf('track')} as artist,
        120000 + hash(track, 'duration') % 240000 as duration_ms,
        case when share < 15 then 3 + share else 100 end as share
      from drawn`)
    await run(`
      insert into raw.imported_plays by name
      select
        played_at, 'spotify:track:' || track_id as uri, duration_ms * share // 100 as ms_played, track_id,
        ${spotifyId('artist')} as artist_id, ${spotifyId('track // 3', 'album')} as album_id, 'song' as kind,
        'spotify-extended' as source, share < 100 as skipped, false as private, false as offline,
        'trackdone' as reason_start, case when share < 100 then 'fwdbtn' else 'trackdone' end as reason_end,
        'import-1' as import_id, timestamp '${until.replace('Z', '')}' as imported_at
      from generated where n <= ${plays - API_PLAYS} order by played_at`)
    await writeApiPlays(run, `select * from generated where n > ${plays - API_PLAYS}`)
    await writePairs(
      run,
      `select * from generated where n between ${plays - API_PLAYS + 1} and ${plays - API_PLAYS + PAIRED}`,
    )
    await describeMusic(run)
    await run('drop table generated')
    await run(`insert into raw.settings values (1, 'Europe/Berlin', 1, '30s', true, true, false)`)
  })
}

/**
 * How long before the end of the history the n-th play was: twelve in a row, then a pause that makes the plays last for all
 * years.
 */
function msBefore(plays: number): string {
  const everyMs = (YEARS * 365.25 * 86_400_000 * IN_A_ROW) / plays
  const row = `((${plays} - n) // ${IN_A_ROW})`
  const pauseMs = everyMs - IN_A_ROW * PLAY_MS
  return `${row} * ${everyMs} + hash(${row}, 'pause') % ${Math.floor(pauseMs / 2)}
    + ((${plays} - n) % ${IN_A_ROW}) * ${PLAY_MS} + hash(n, 'gap') % 30000`
}

/** Adds plays of known songs after the newest one, as one poll would. */
export function writeNewPlays(
  warehouse: EmbeddedWarehouse,
  { plays, from }: { plays: number; from: string },
): Promise<void> {
  return warehouse.build([], (run) =>
    writeApiPlays(
      run,
      `select n, timestamp '${from.replace('Z', '')}' + to_seconds(cast(n * 200 as bigint)) as played_at, track,
         ${spotifyId('track')} as track_id, ${artistOf('track')} as artist
       from (select n, cast(1 + hash(n, '${from}') % 300 as integer) as track from range(1, ${plays} + 1) numbers(n)) as drawn`,
    ),
  )
}

async function writeApiPlays(run: RunStatement, generated: string): Promise<void> {
  await run(`
    insert into raw.plays by name
    select
      played_at, 'spotify:track:' || track_id as uri, track_id, ${spotifyId('artist')} as artist_id,
      ${spotifyId('track // 3', 'album')} as album_id, 'playlist' as context_type,
      'spotify:playlist:' || ${spotifyId('track % 60', 'playlist')} as context_uri,
      date_trunc('hour', played_at) + interval 1 hour as synced_at
    from (${generated}) as generated order by played_at`)
}

/** The export has the same plays a few seconds later and with their true time. Some are excluded. */
async function writePairs(run: RunStatement, generated: string): Promise<void> {
  await run(`
    insert into raw.imported_plays by name
    select
      played_at + interval 3 second as played_at, 'spotify:track:' || track_id as uri, duration_ms - 1000 as ms_played,
      track_id, ${spotifyId('artist')} as artist_id, ${spotifyId('track // 3', 'album')} as album_id, 'song' as kind,
      'spotify-extended' as source, false as skipped, n % 20 = 0 as private, false as offline, 'import-2' as import_id,
      timestamp '2026-11-01' as imported_at
    from (${generated}) as generated`)
  await run(`
    insert into raw.play_pairs by name
    select
      plays.played_at, plays.uri, imports.played_at as import_played_at, imports.uri as import_uri,
      imports.ms_played as import_ms_played, 3000 as distance_ms, 1 as rule, timestamp '2026-11-01' as paired_at
    from raw.plays as plays
    join raw.imported_plays as imports on imports.uri = plays.uri and imports.played_at = plays.played_at + interval 3 second
    where imports.import_id = 'import-2'`)
  // Account data repeats some of them; the names of a few have no other row.
  await run(`
    insert into raw.imported_plays by name
    select
      date_trunc('minute', played_at) as played_at, 'n-' || uri as uri, ms_played, 'n-' || track_id as track_id, 'song' as kind,
      'spotify-account' as source, false as skipped, false as private, 'import-3' as import_id,
      timestamp '2026-11-01' as imported_at
    from raw.imported_plays where import_id = 'import-2' and hash(played_at) % 10 = 0`)
  await run(`
    insert into raw.import_duplicates by name
    select
      copies.played_at, copies.uri, copies.ms_played, originals.played_at as kept_played_at, originals.uri as kept_uri,
      originals.ms_played as kept_ms_played, 0 as distance_ms, 1 as rule, timestamp '2026-11-01' as paired_at
    from raw.imported_plays as copies
    join raw.imported_plays as originals
      on copies.uri = 'n-' || originals.uri and copies.played_at = date_trunc('minute', originals.played_at)
    where copies.import_id = 'import-3' and originals.import_id = 'import-2' and hash(copies.uri) % 2 = 0`)
  await run(`
    insert into raw.resolved_ids
    select distinct 'track', track_id, substr(track_id, 3), timestamp '2026-11-01'
    from raw.imported_plays where import_id = 'import-3' and hash(track_id) % 3 > 0`)
  await run(`
    insert into raw.imported_tracks by name
    select distinct track_id as id, import_id, 'Only named' as name, 'only named' as folded, 'n-somebody' as artist_id,
      'Somebody' as artist_name, 'somebody' as artist_folded, timestamp '2026-11-01' as first_seen_at
    from raw.imported_plays where import_id = 'import-3'`)
  await run(`
    insert into raw.excluded_plays
    select played_at, uri, true, timestamp '2026-11-02' from raw.play_pairs where hash(played_at) % 50 = 0`)
}

/** One row for every song, album and artist that is played. */
async function describeMusic(run: RunStatement): Promise<void> {
  const name = (kind: string, n: string) => `'${kind} ' || md5(cast(${n} as varchar))[:(5 + ${n} % 20)]`
  const image = (kind: string, n: string) => `'https://i.scdn.co/image/ab67616d0000b273' || md5('${kind}' || ${n})`
  const seen = `timestamp '2026-01-01' as first_seen_at`
  const common = (kind: string, n: string) => `
    ${spotifyId(n, kind)} as id, 'spotify:${kind}:' || ${spotifyId(n, kind)} as uri, ${name(kind, n)} as name,
    lower(${name(kind, n)}) as folded, ${image(kind, n)} as image_url, ${image(kind, n)} as image_small_url,
    'https://open.spotify.com/${kind}/' || ${spotifyId(n, kind)} as spotify_url, ${seen}`
  const credits = `
    ${spotifyId('artist')} as artist_id, ${spotifyId('artist')} as artist_ids, ${name('artist', 'artist')} as artist_names`
  await run(`
    insert into raw.tracks by name
    select ${common('track', 'track')}, ${credits}, ${spotifyId('track // 3', 'album')} as album_id,
      ${name('album', 'track // 3')} as album_name, any_value(duration_ms) as duration_ms, false as explicit,
      'QZ' || upper(md5('isrc' || track)[:10]) as isrc, 1 as disc_number, track % 3 + 1 as track_number
    from generated group by track, artist order by hash(track)`)
  await run(`
    insert into raw.albums by name
    select ${common('album', 'album')}, ${credits}, 'album' as album_type,
      cast(1970 + album % 55 as varchar) || '-05-01' as release_date, 'day' as release_date_precision,
      10 as total_tracks
    from (select track // 3 as album, min(artist) as artist from generated group by 1) as albums order by hash(album)`)
  await run(`
    insert into raw.artists by name
    select ${common('artist', 'artist')} from (select distinct artist from generated) as artists order by hash(artist)`)
  await run(`
    insert into raw.genre_map by name
    select ${spotifyId('artist')} as artist_id, 'own' as source, timestamp '2026-01-01' as changed_at,
      case when artist % 4 = 0 then null when artist % 4 = 1 then '' else 'Indie ' || artist % 30 || ', folk' end as genres
    from (select distinct artist from generated where artist % 10 = 0) as artists`)
}

const artistOf = (track: string) => `cast(hash(${track} // 3, 'artist') % ${ARTISTS} as integer)`

/** 22 characters, as Spotify's ids. */
function spotifyId(n: string, kind?: string): string {
  const name = kind ?? n
  return `md5('${name}' || ${n})[:22]`
}
