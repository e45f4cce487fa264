import { DAY } from '#lib/core/clock.ts'
import type { Row } from '#lib/core/table.ts'
import { CREATE_PAIRING, CREATE_TOUCHED, PAIRING_STATE } from '#lib/warehouse/touched.ts'
import type { RunStatement } from '#lib/warehouse/warehouse.ts'
import { MAX_DISTANCE_MS, matchPlays, PAIRING_RULE, PLAY_SOURCES, type Play, stretchesOf } from './pair.ts'
import { resolveIds } from './resolve-ids.ts'

/**
 * Pairs the plays of an embedded warehouse, as the first step of a build and in its transaction, so that raw.play_pairs,
 * raw.import_duplicates and raw.resolved_ids fit what is loaded. After an import, everything is paired again; after new
 * plays, the stretches of time around them.
 */

export interface Pairing {
  /** What it has looked at; null: nothing, because nothing was new. */
  scope: 'all' | 'new plays' | null
  /** Whether its tables have changed. */
  changed: boolean
}

/** The temporary tables of a pairing. */
const PLAYS = 'tracklake_pairing'
const MATCHES = 'tracklake_matches'
const FOUND = 'tracklake_found'

const PAGE_ROWS = 10_000
const ROWS_PER_INSERT = 5_000
/** More separate stretches than this are paired as everything. */
const MAX_RANGES = 60
/** New plays may be this much older than the newest one, because their load was late. */
const LATE_MS = DAY

interface State {
  rule: number
  imports: string
  plays_until: string | null
  plays_before: number
  revision: number
  version: number
  music: number
}

const NO_STATE: State = {
  rule: 0,
  imports: '',
  plays_until: null,
  plays_before: 0,
  revision: 0,
  version: 0,
  music: 0,
}

/** A part of the time line, milliseconds; null: all of it. */
type Range = { from: number; until: number } | null

/** What was written, and whether it can concern rows that an incremental build would not look at. */
interface Written {
  rows: number
  revises: boolean
}

/** Does nothing where nothing was ever imported. @param now becomes `paired_at` of new rows */
export async function pairLoaded(run: RunStatement, now: Date): Promise<Pairing> {
  await run('create schema if not exists tracklake')
  await run(CREATE_TOUCHED)
  await run(CREATE_PAIRING)
  const [stored] = await run(`select * from ${PAIRING_STATE}`)
  const state = (stored as State | undefined) ?? NO_STATE
  const imports = await importsOf(run)
  if (imports === null && !stored) return { scope: null, changed: false }
  const plays = await playsOf(run, state.plays_until)
  const importsChanged = state.imports !== (imports ?? '')
  const isStale =
    importsChanged || !state.plays_until || state.rule !== PAIRING_RULE || state.plays_before !== plays.known
  const ranges = isStale ? null : await rangesOfNew(run, state.plays_until as string)
  const written = await pairRanges(run, now, ranges)
  const resolved = await resolveIds(run, now, { all: importsChanged })
  const revises = importsChanged || written.revises || resolved.revises
  const hasChanged = revises || written.rows + resolved.rows > 0
  await run(`delete from ${PAIRING_STATE}`)
  await run(`insert into ${PAIRING_STATE} values (?, ?, cast(? as timestamp), ?, ?, ?, ?)`, [
    PAIRING_RULE,
    imports ?? '',
    sqlTime(plays.until),
    plays.known_later,
    state.revision + (revises ? 1 : 0),
    hasChanged ? now.getTime() : state.version,
    importsChanged ? now.getTime() : state.music,
  ])
  return { scope: ranges === null ? 'all' : ranges.length > 0 ? 'new plays' : null, changed: hasChanged }
}

const sqlTime = (at: Date | string | null) => (at === null ? null : new Date(at).toISOString().replace('Z', ''))

/** Changes with the rows that imports have brought; null if there are none. */
async function importsOf(run: RunStatement): Promise<string | null> {
  const [row] = await run(`
    select count(*) as imports, cast(sum(hash(import_id, coalesce(import_member, 0))) as varchar) as checksum from raw.imported_plays`)
  return Number(row?.imports) === 0 ? null : `${row?.imports} ${row?.checksum}`
}

/** When the newest play was read, how many plays the last pairing should have seen, and how many the next one should. */
async function playsOf(run: RunStatement, seenUntil: string | null) {
  const late = (until: string | null) => sqlTime(until && new Date(Date.parse(until) - LATE_MS))
  const [newest] = await run('select max(synced_at) as until from raw.plays')
  const until = typeof newest?.until === 'string' ? newest.until : null
  const [row] = await run(
    `select count(*) filter (where synced_at <= cast(? as timestamp)) as known,
       count(*) filter (where synced_at <= cast(? as timestamp)) as known_later
     from raw.plays`,
    [late(seenUntil), late(until)],
  )
  return { until, known: Number(row?.known), known_later: Number(row?.known_later) }
}

/**
 * The stretches of time around new plays, closed: no play outside of them can be the same as one inside. Null if they are
 * too many.
 */
async function rangesOfNew(run: RunStatement, seenUntil: string): Promise<NonNullable<Range>[] | null> {
  const since = sqlTime(new Date(Date.parse(seenUntil) - LATE_MS))
  const clusters = await run(
    `with new_plays as (
       select epoch_ms(played_at) as at_ms from raw.plays where synced_at > cast(? as timestamp) and track_id is not null
     ),
     numbered as (
       select at_ms, coalesce(at_ms - lag(at_ms) over (order by at_ms) > ${DAY}, true) as starts from new_plays
     ),
     grouped as (select at_ms, sum(cast(starts as integer)) over (order by at_ms rows unbounded preceding) as number from numbered)
     select min(at_ms) as first, max(at_ms) as last from grouped group by number order by first limit ${MAX_RANGES + 1}`,
    [since],
  )
  if (clusters.length > MAX_RANGES) return null
  const ranges: NonNullable<Range>[] = []
  for (const { first, last } of clusters) ranges.push(await closedRange(run, Number(first), Number(last)))
  return ranges
}

/** Widens a range of time until it begins and ends where nothing can reach across. */
async function closedRange(run: RunStatement, first: number, last: number): Promise<NonNullable<Range>> {
  for (let margin = DAY / 2; ; margin *= 4) {
    const range = { from: first - margin, until: last + margin }
    const isAll = await selectPlays(run, range)
    let from = first
    let until = last
    for await (const stretch of stretchesOf(pagesOf(run))) {
      const [start, end] = [stretch[0] as Play, stretch.at(-1) as Play]
      if (end.at < first || start.at > last) continue
      from = Math.min(from, start.at)
      until = Math.max(until, end.at)
    }
    const isClosed = from > range.from + MAX_DISTANCE_MS && until < range.until - MAX_DISTANCE_MS
    if (isClosed || isAll) return { from, until }
  }
}

async function pairRanges(run: RunStatement, now: Date, ranges: NonNullable<Range>[] | null): Promise<Written> {
  if (ranges === null) return pairRange(run, now, null)
  const total: Written = { rows: 0, revises: false }
  for (const range of ranges) {
    const { rows, revises } = await pairRange(run, now, range)
    total.rows += rows
    total.revises ||= revises
  }
  return total
}

/** Pairs the plays of a range, stretch by stretch, and writes what is different from before. */
async function pairRange(run: RunStatement, now: Date, range: Range): Promise<Written> {
  await selectPlays(run, range)
  await run(
    `create or replace temp table ${MATCHES} (is_pair boolean, row_id bigint, kept_id bigint, distance_ms bigint)`,
  )
  let found: string[] = []
  const flush = async () => {
    if (found.length > 0) await run(`insert into ${MATCHES} values ${found.join(', ')}`)
    found = []
  }
  for await (const stretch of stretchesOf(pagesOf(run))) {
    const { pairs, duplicates } = matchPlays(stretch)
    for (const [matches, isPair] of [[pairs, true] as const, [duplicates, false] as const])
      for (const { row, kept, distance } of matches)
        found.push(`(${isPair}, ${stretch[row]?.id}, ${stretch[kept]?.id}, ${Math.round(distance)})`)
    if (found.length >= ROWS_PER_INSERT) await flush()
  }
  await flush()
  const pairs = await writePairs(run, now, range)
  const duplicates = await writeDuplicates(run, now, range)
  for (const table of [FOUND, MATCHES, PLAYS]) await run(`drop table if exists ${table}`)
  return { rows: pairs.rows + duplicates.rows, revises: pairs.revises || duplicates.revises }
}

type StoredPlay = Play & { id: number }

/**
 * Selects the songs that were played in a range into a temporary table, sorted as `matchPlays` needs them. Of extended
 * histories, only what lies between other plays: nothing else can be the same as one of its plays.
 * @returns whether the range contains all plays
 */
async function selectPlays(run: RunStatement, range: Range): Promise<boolean> {
  const key = (text: string) => `cast(hash(${text}) % 9007199254740881 as bigint)`
  const at = (moment: number) => `make_timestamp_ms(${Math.floor(moment)})`
  const within = range ? `played_at between ${at(range.from)} and ${at(range.until)}` : 'true'
  const codes = PLAY_SOURCES.map((source, index) => `when '${source}' then ${index}`).join(' ')
  await run(`
    create or replace temp table ${PLAYS} as
    with reported as (
      select plays.played_at, plays.uri, 0 as source, coalesce(tracks.duration_ms, 0) as ms,
        tracks.folded || chr(10) || coalesce(artists.folded, '') as name
      from (select * from raw.plays where track_id is not null and ${within}) as plays
      left join raw.tracks as tracks on tracks.id = plays.track_id
      left join raw.artists as artists on artists.id = tracks.artist_id
    ),
    imported as (
      select imports.played_at, imports.uri, case imports.source ${codes} end as source, imports.ms_played as ms,
        imports.track_id
      from raw.imported_plays as imports
      where imports.kind = 'song' and ${within}
    ),
    names as (
      select id, min(name) as name from (
        select id, folded || chr(10) || coalesce(artist_folded, '') as name from raw.imported_tracks
        where id in (select track_id from imported)
        union all
        select tracks.id, tracks.folded || chr(10) || coalesce(artists.folded, '')
        from raw.tracks as tracks left join raw.artists as artists on artists.id = tracks.artist_id
        where tracks.id in (select track_id from imported)
          and tracks.id not in (select id from raw.imported_tracks where folded is not null)
      ) as described
      where name is not null group by id
    ),
    bounds as (
      select min(played_at) as first, max(played_at) as last
      from (select played_at from reported union all select played_at from imported where source > 1) as others
    ),
    all_plays as (
      select played_at, uri, source, ms, name from reported
      union all
      select imported.played_at, imported.uri, imported.source, imported.ms, names.name
      from imported
      cross join bounds
      left join names on names.id = imported.track_id
      where imported.played_at between bounds.first - to_milliseconds(${MAX_DISTANCE_MS})
        and bounds.last + to_milliseconds(${MAX_DISTANCE_MS})
    )
    select row_number() over (order by played_at, uri, ms, source) - 1 as id, played_at, uri, source, ms,
      epoch_ms(played_at) as at_ms, ${key('uri')} as uri_key, ${key('name')} as name_key
    from all_plays where source is not null order by id`)
  if (!range) return true
  const [outside] = await run(`
    select exists(select 1 from raw.plays where not (${within}))
      or exists(select 1 from raw.imported_plays where not (${within})) as has_more`)
  return outside?.has_more !== true
}

async function* pagesOf(run: RunStatement): AsyncGenerator<StoredPlay[]> {
  for (let start = 0; ; start += PAGE_ROWS) {
    const rows = await run(
      `select id, source, at_ms, uri_key, name_key, ms from ${PLAYS}
       where id >= ${start} and id < ${start + PAGE_ROWS} order by id`,
    )
    if (rows.length === 0) return
    yield rows.map(playOf)
  }
}

function playOf({ id, source, at_ms, uri_key, name_key, ms }: Row): StoredPlay {
  return {
    id: Number(id),
    source: PLAY_SOURCES[Number(source)] ?? 'spotify',
    at: Number(at_ms),
    uri: Number(uri_key),
    name: name_key === null ? null : Number(name_key),
    ms: Number(ms),
  }
}

/** The condition for rows of a result that are about a range. */
const isIn = (range: Range) =>
  range ? `played_at between make_timestamp_ms(${range.from}) and make_timestamp_ms(${range.until})` : 'true'

async function writePairs(run: RunStatement, now: Date, range: Range): Promise<Written> {
  await run(`
    create or replace temp table ${FOUND} as
    select kept.played_at, kept.uri, arrived.played_at as import_played_at, arrived.uri as import_uri,
      arrived.ms as import_ms_played,
      found.distance_ms, ${PAIRING_RULE} as rule
    from ${MATCHES} as found
    join ${PLAYS} as arrived on arrived.id = found.row_id
    join ${PLAYS} as kept on kept.id = found.kept_id
    where found.is_pair`)
  const same = `found.played_at = held.played_at and found.uri = held.uri and found.rule = held.rule
    and found.import_played_at = held.import_played_at and found.import_uri = held.import_uri
    and found.import_ms_played = held.import_ms_played`
  const columns = 'played_at, uri, import_played_at, import_uri, import_ms_played, distance_ms, rule'
  // A song that is paired under another id loses a play, and an incremental build would not notice.
  return writeDifferences(run, now, {
    table: 'raw.play_pairs',
    columns,
    same,
    range,
    moves: 'found.uri <> found.import_uri',
  })
}

async function writeDuplicates(run: RunStatement, now: Date, range: Range): Promise<Written> {
  await run(`
    create or replace temp table ${FOUND} as
    select arrived.played_at, arrived.uri, arrived.ms as ms_played, kept.played_at as kept_played_at, kept.uri as kept_uri,
      case when kept.source = 0 then null else kept.ms end as kept_ms_played, found.distance_ms, ${PAIRING_RULE} as rule
    from ${MATCHES} as found
    join ${PLAYS} as arrived on arrived.id = found.row_id
    join ${PLAYS} as kept on kept.id = found.kept_id
    where not found.is_pair`)
  const same = `found.played_at = held.played_at and found.uri = held.uri and found.ms_played = held.ms_played
    and found.rule = held.rule and found.kept_played_at = held.kept_played_at and found.kept_uri = held.kept_uri
    and found.kept_ms_played is not distinct from held.kept_ms_played`
  const columns = 'played_at, uri, ms_played, kept_played_at, kept_uri, kept_ms_played, distance_ms, rule'
  // A play that no longer counts has to leave the sums of its song.
  return writeDifferences(run, now, { table: 'raw.import_duplicates', columns, same, range, moves: 'true' })
}

async function writeDifferences(
  run: RunStatement,
  now: Date,
  { table, columns, same, range, moves }: { table: string; columns: string; same: string; range: Range; moves: string },
): Promise<Written> {
  const count = async (sql: string, values: string[] = []) => Number((await run(sql, values))[0]?.count ?? 0)
  const removed = await count(
    `delete from ${table} as held where ${isIn(range)} and not exists (select 1 from ${FOUND} as found where ${same})`,
  )
  const isNew = `not exists (select 1 from ${table} as held where ${same})`
  const [moving] = await run(`select count(*) as count from ${FOUND} as found where ${moves} and ${isNew}`)
  const added = await count(
    `insert into ${table} (${columns}, paired_at)
     select ${columns}, cast(? as timestamp) from ${FOUND} as found where ${isNew}`,
    [sqlTime(now) as string],
  )
  return { rows: removed + added, revises: removed > 0 || Number(moving?.count) > 0 }
}
