import { TOUCHED } from '#lib/warehouse/touched.ts'
import type { RunStatement } from '#lib/warehouse/warehouse.ts'

/**
 * Exports have no ids of artists and albums, and some none of songs. An id that is made of names stands for Spotify's as
 * soon as exactly one song, album or artist of these names is known. Computed whole, so the order of what was loaded does
 * not matter.
 */

/** More changes than this are cheaper as a build from the start. */
const MAX_TOUCHED = 500

const FOUND = 'tracklake_resolved'

interface Resolved {
  rows: number
  /** Whether models have to be built from the start. */
  revises: boolean
}

/** Brings raw.resolved_ids up to date. @param all also if no loaded music has changed */
export async function resolveIds(run: RunStatement, now: Date, { all }: { all: boolean }): Promise<Resolved> {
  const [touched] = await run(`select exists(select 1 from ${TOUCHED}) as has_any`)
  if (!all && touched?.has_any !== true) return { rows: 0, revises: false }
  await run(`
    create or replace temp table ${FOUND} as
    with known as (
      select 'artist' as kind, folded, '' as artist, id from raw.artists where not starts_with(id, 'n-')
      union
      select 'album', albums.folded, artists.folded, albums.id
      from raw.albums as albums join raw.artists as artists on artists.id = albums.artist_id
      where not starts_with(albums.id, 'n-')
      union
      select 'track', tracks.folded, artists.folded, tracks.id
      from raw.tracks as tracks join raw.artists as artists on artists.id = tracks.artist_id
      where not starts_with(tracks.id, 'n-')
      union
      select 'track', folded, artist_folded, id from raw.imported_tracks where not starts_with(id, 'n-')
    ),
    single as (
      select kind, folded, artist, min(id) as id from known
      where folded <> '' group by kind, folded, artist having count(*) = 1
    ),
    named as (
      select distinct 'artist' as kind, id, folded, '' as artist from raw.imported_artists where starts_with(id, 'n-')
      union
      select 'album', id, folded, artist_folded from raw.imported_albums where starts_with(id, 'n-')
      union
      select 'track', id, folded, artist_folded from raw.imported_tracks where starts_with(id, 'n-')
    )
    select named.kind, named.id, min(single.id) as resolved_id
    from named join single on single.kind = named.kind and single.folded = named.folded and single.artist = named.artist
    group by named.kind, named.id`)
  const same = 'found.kind = held.kind and found.id = held.id and found.resolved_id = held.resolved_id'
  await run(`
    create or replace temp table tracklake_changed_ids as
    select held.kind, held.id, held.resolved_id from raw.resolved_ids as held
    where not exists (select 1 from ${FOUND} as found where ${same})
    union all
    select found.kind, found.id, found.resolved_id from ${FOUND} as found
    where not exists (select 1 from raw.resolved_ids as held where ${same})`)
  const [changed] = await run(`
    select count(*) as changes, count(*) filter (where kind = 'track') as tracks from tracklake_changed_ids`)
  const rows = Number(changed?.changes)
  if (rows > 0) {
    await run(`delete from raw.resolved_ids as held where not exists (select 1 from ${FOUND} as found where ${same})`)
    await run(
      `insert into raw.resolved_ids (kind, id, resolved_id, resolved_at)
       select kind, id, resolved_id, cast(? as timestamp) from ${FOUND} as found
       where not exists (select 1 from raw.resolved_ids as held where ${same})`,
      [now.toISOString().replace('Z', '')],
    )
  }
  const revises = Number(changed?.tracks) > 0 || rows > MAX_TOUCHED
  if (rows > 0 && !revises) await touchDescribed(run)
  await run(`drop table ${FOUND}`)
  await run('drop table tracklake_changed_ids')
  return { rows, revises }
}

/** Lets the next build write again what names an artist or an album whose id has changed. */
async function touchDescribed(run: RunStatement): Promise<void> {
  for (const kind of ['artist', 'album'])
    await run(`insert into ${TOUCHED}
      select '${kind}s', id from tracklake_changed_ids where kind = '${kind}'
      union select '${kind}s', resolved_id from tracklake_changed_ids where kind = '${kind}'`)
  const names = (column: string, kind: string) =>
    `${column} in (select id from tracklake_changed_ids where kind = '${kind}')`
  for (const table of ['albums', 'tracks'])
    for (const source of [table, `imported_${table}`])
      await run(`insert into ${TOUCHED}
        select distinct '${table}', id from raw.${source} where ${names('artist_id', 'artist')}
        ${table === 'tracks' ? `or ${names('album_id', 'album')}` : ''}`)
}
