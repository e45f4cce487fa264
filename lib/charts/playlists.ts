import { z } from 'zod'
import { DIM_TRACKS } from '#lib/models/tables.ts'
import { TRACKS } from '#lib/streams/music.ts'
import { playlistItems } from '#lib/streams/playlist-items.ts'
import { playlists as playlistsStream } from '#lib/streams/playlists.ts'
import { historyTable, streamTable } from '#lib/streams/stream.ts'
import { defineChart, type QueryContext } from './chart.ts'
import { foldedSql } from './library.ts'
import { Link } from './link.ts'

/** The listener's playlists, what is in them, and what changed in them when. */

const PLAYLISTS = streamTable(playlistsStream)
const ITEMS = streamTable(playlistItems)
const PLAYLIST_CHANGES = historyTable(playlistsStream) ?? PLAYLISTS
const ITEM_CHANGES = historyTable(playlistItems) ?? ITEMS

const PLAYLIST_ORDERS: Record<string, string> = {
  library: 'p.rank nulls last, playlist_id',
  name: 'lower(p.name) nulls last, playlist_id',
  plays: 'plays desc nulls last, p.rank, playlist_id',
  items: 'items desc nulls last, p.rank, playlist_id',
  changed: 'changed_at desc nulls last, p.rank, playlist_id',
}

/** Left joins of `p` and the columns that they give, for tables that may not have been loaded. */
function contentOf({ table, has }: QueryContext) {
  const parts = [
    has(ITEMS)
      ? {
          columns: 'i.listed',
          join: `left join (select playlist_id, count(*) as listed, max(added_at) as added_at from ${table(ITEMS)}
            group by playlist_id) i on i.playlist_id = p.id`,
        }
      : { columns: 'cast(null as integer) as listed', join: '' },
    has(ITEMS) && has(DIM_TRACKS)
      ? {
          columns: 'n.plays',
          join: `left join (select x.playlist_id, sum(d.plays) as plays
            from (select distinct playlist_id, track_id from ${table(ITEMS)} where track_id is not null) x
            join ${table(DIM_TRACKS)} d on d.track_id = x.track_id group by x.playlist_id) n on n.playlist_id = p.id`,
        }
      : { columns: 'cast(null as integer) as plays', join: '' },
  ]
  const added = has(ITEMS) ? 'i.added_at' : 'cast(null as timestamp)'
  const removed = has(ITEM_CHANGES)
    ? `left join (select playlist_id, max(seen_at) as seen_at from ${table(ITEM_CHANGES)}
        where change = 'removed' group by playlist_id) r on r.playlist_id = p.id`
    : ''
  const changed = removed
    ? `case when r.seen_at > ${added} or ${added} is null then r.seen_at else ${added} end`
    : added
  return {
    columns: [...parts.map(({ columns }) => columns), `${changed} as changed_at`].join(', '),
    joins: [...parts.map(({ join }) => join), removed].join(' '),
  }
}

export const playlists = defineChart({
  title: 'Playlists',
  empty: 'No playlists. Playlists that you make or follow on Spotify appear here after the next sync.',
  params: z.object({}),
  mayBeAbout: ['playlist'],
  list: { sorts: ['library', 'name', 'plays', 'items', 'changed'], pageSize: 100, searchable: true },
  tables: () => [PLAYLISTS],
  sql(context) {
    const { table, has, about, page } = context
    const content = contentOf(context)
    const conditions = [
      ...(about ? [{ text: 'p.id = ?', value: about }] : []),
      ...(page.search ? [{ text: `contains(${foldedSql(['p.name', 'p.owner_name'])}, ?)`, value: page.search }] : []),
    ]
    return {
      text: `select p.id as playlist_id, p.name, p.owner_name as owner, p.collaborative, p.is_public,
          coalesce(p.image_small_url, p.image_url) as artwork, p.spotify_url as url, p.description,
          p.items_total as items, ${has(ITEMS) ? 'p.items_total > 0 and i.listed is null' : 'false'} as hidden, p.withheld_at is not null as withheld, ${content.columns}, count(*) over () as found
        from ${table(PLAYLISTS)} p ${content.joins}
        ${conditions.length > 0 ? `where ${conditions.map(({ text }) => text).join(' and ')}` : ''}
        order by ${PLAYLIST_ORDERS[page.sort]} limit ? offset ?`,
      values: [...conditions.map(({ value }) => value), page.limit, page.offset],
    }
  },
  row: z.object({
    playlist_id: z.string(),
    name: z.string().nullable(),
    owner: z.string().nullable(),
    description: z.string().nullable(),
    collaborative: z.boolean().nullable(),
    is_public: z.boolean().nullable(),
    artwork: Link,
    url: Link,
    /** As Spotify counts; null if it doesn't say. */
    items: z.number().nullable(),
    /** The entries that are known. */
    listed: z.number().nullable(),
    /** It has songs that are not known: Spotify shows those of own and collaborative playlists only. */
    hidden: z.boolean().nullable(),
    /** Own plays of all its songs, wherever they were played from; null if they aren't counted yet. */
    plays: z.number().nullable(),
    changed_at: z.string().nullable(),
    withheld: z.boolean(),
    found: z.number(),
  }),
  draw: { as: 'playlist cards' },
})

const ITEM_ORDERS: Record<string, string> = {
  position: 'position',
  name: 'folded nulls last, position',
  plays: 'plays desc nulls last, position',
  added: 'added_at desc nulls last, position',
}

export const playlistContents = defineChart({
  title: 'Songs',
  empty:
    'This playlist is empty, or Spotify doesn’t show its songs. It shows those of your own and collaborative playlists.',
  params: z.object({}),
  about: ['playlist'],
  list: { sorts: ['position', 'name', 'plays', 'added'], pageSize: 100, searchable: true },
  tables: () => [ITEMS],
  sql({ table, has, about, page }) {
    const byPlays = page.sort === 'plays' && has(DIM_TRACKS)
    const order = ITEM_ORDERS[page.sort === 'plays' && !byPlays ? 'position' : page.sort]
    const cut = `order by ${order} limit ? offset ?`
    // Local files have no id of Spotify's, but the music tables give them one.
    const music = has(TRACKS)
      ? `left join (select uri, min(id) as id, min(folded) as folded from ${table(TRACKS)}
           where uri in (select uri from ${table(ITEMS)} where playlist_id = ?) group by uri) t on t.uri = i.uri`
      : ''
    const folded = music ? 'coalesce(t.folded, lower(i.name))' : 'lower(i.name)'
    const heard = has(DIM_TRACKS)
    return {
      text: `select r.position, r.kind, r.track_id, r.name, r.artists, r.artist_id, r.album_id, r.album, r.artwork,
          r.duration_ms, r.added_at, r.withheld, r.found, r.total_ms, ${heard ? 'd.plays' : 'cast(null as integer) as plays'}, r.folded
        from (
          select i.position, case when i.is_local then 'local file' when i.item_type = 'episode' then 'episode' else 'song' end as kind,
            ${music ? 'coalesce(i.track_id, t.id)' : 'i.track_id'} as track_id, i.name,
            coalesce(i.artist_names, i.show_name) as artists, i.artist_id, i.album_id, i.album_name as album,
            coalesce(i.album_image_small_url, i.album_image_url) as artwork, i.duration_ms, i.added_at,
            i.withheld_at is not null as withheld, count(*) over () as found, sum(i.duration_ms) over () as total_ms,
            ${folded} as folded
          from ${table(ITEMS)} i ${music} where i.playlist_id = ?
          ${page.search ? `and contains(${foldedSql([folded, 'i.name', 'i.artist_names', 'i.show_name'])}, ?)` : ''}
          ${byPlays ? '' : cut}
        ) r ${heard ? `left join ${table(DIM_TRACKS)} d on d.track_id = r.track_id` : ''}
        ${byPlays ? cut : `order by ${order}`}`,
      values: [...(music ? [about] : []), about, ...(page.search ? [page.search] : []), page.limit, page.offset],
    }
  },
  row: z.object({
    position: z.number(),
    kind: z.enum(['song', 'episode', 'local file']),
    track_id: z.string().nullable(),
    name: z.string().nullable(),
    /** Of an episode, its show. */
    artists: z.string().nullable(),
    artist_id: z.string().nullable(),
    album_id: z.string().nullable(),
    album: z.string().nullable(),
    artwork: Link,
    duration_ms: z.number().nullable(),
    added_at: z.string().nullable(),
    withheld: z.boolean(),
    /** How many rows all pages have together, and how long they play. */
    found: z.number(),
    total_ms: z.number().nullable(),
    plays: z.number().nullable(),
  }),
  draw: { as: 'playlist items' },
})

/**
 * The first read of a list, which finds everything new: what it found and what changed since then add up to what the
 * list has now.
 */
function firstItemsSql(items: string, changes: string): string {
  return `select f.playlist_id, f.seen_at, f.entries from (
      select playlist_id, seen_at, sum(copies) as entries,
        row_number() over (partition by playlist_id order by seen_at) as read
      from ${changes} group by playlist_id, seen_at) f
    join (select playlist_id, sum(case when change = 'added' then copies else -copies end) as entries
      from ${changes} group by playlist_id) n on n.playlist_id = f.playlist_id
    left join (select playlist_id, count(uri) as entries from ${items} group by playlist_id) i
      on i.playlist_id = f.playlist_id
    where f.read = 1 and n.entries = coalesce(i.entries, 0)`
}

function firstPlaylistsSql(playlists: string, changes: string): string {
  return `select f.seen_at, f.entries from (
      select min(seen_at) as seen_at, count(*) as entries from ${changes}
      where seen_at = (select min(seen_at) from ${changes})) f
    where (select sum(case when change = 'added' then 1 else -1 end) from ${changes})
      = (select count(*) from ${playlists})`
}

const NOTHING = 'cast(null as varchar)'

/** Songs that were added and removed. Of playlists that are gone, only that they went is shown. */
function songChanges({ table, about }: QueryContext): string {
  const changes = table(ITEM_CHANGES)
  return `select h.seen_at, h.change, h.copies as entries, 'tracks' as item_type, h.track_id as item_id, h.name, h.artist_names as artists,
      h.playlist_id, p.name as playlist
    from ${changes} h join ${table(PLAYLISTS)} p on p.id = h.playlist_id
    where ${about ? 'h.playlist_id = ? and' : ''} not exists (
      select 1 from first_items f where f.playlist_id = h.playlist_id and f.seen_at = h.seen_at)`
}

export const playlistChanges = defineChart({
  title: 'What changed',
  empty: 'Nothing recorded yet. What is added and removed appears here after the next sync.',
  params: z.object({}),
  mayBeAbout: ['playlist'],
  list: { sorts: ['newest'], pageSize: 30 },
  tables: () => [PLAYLISTS],
  sql(context) {
    const { table, has, about, page } = context
    const hasItems = has(ITEMS) && has(ITEM_CHANGES)
    const parts = hasItems ? [songChanges(context)] : []
    if (hasItems && about)
      parts.push(`select seen_at, 'first', entries, 'tracks', ${NOTHING}, ${NOTHING}, ${NOTHING}, playlist_id, ${NOTHING}
        from first_items where playlist_id = ?`)
    if (!about && has(PLAYLIST_CHANGES))
      parts.push(
        `select h.seen_at, h.change, 1, 'playlists', h.id, h.name, ${NOTHING}, h.id, h.name from ${table(PLAYLIST_CHANGES)} h
         where not exists (select 1 from first_playlists f where f.seen_at = h.seen_at)`,
        `select seen_at, 'first', entries, 'playlists', ${NOTHING}, ${NOTHING}, ${NOTHING}, ${NOTHING}, ${NOTHING} from first_playlists`,
      )
    const none = `select cast(null as timestamp) as seen_at, '' as change, 0 as entries, '' as item_type, '' as item_id, '' as name,
      '' as artists, '' as playlist_id, '' as playlist where false`
    const firsts = [
      ...(hasItems ? [`first_items as (${firstItemsSql(table(ITEMS), table(ITEM_CHANGES))})`] : []),
      ...(!about && has(PLAYLIST_CHANGES)
        ? [`first_playlists as (${firstPlaylistsSql(table(PLAYLISTS), table(PLAYLIST_CHANGES))})`]
        : []),
    ]
    return {
      text: `${firsts.length > 0 ? `with ${firsts.join(', ')}` : ''}
        select c.seen_at, c.change, c.entries, c.item_type, c.item_id, c.name, c.artists, c.playlist_id, c.playlist
        from (${[none, ...parts].join(' union all ')}) c
        order by seen_at desc, playlist_id, change, item_id, name limit ? offset ?`,
      values: [...(about && hasItems ? [about, about] : []), page.limit, page.offset],
    }
  },
  row: z.object({
    seen_at: z.string(),
    /** `first`: the first read, which found `entries`. */
    change: z.enum(['added', 'removed', 'first']),
    entries: z.number(),
    item_type: z.enum(['tracks', 'playlists']),
    item_id: z.string().nullable(),
    name: z.string().nullable(),
    artists: z.string().nullable(),
    playlist_id: z.string().nullable(),
    playlist: z.string().nullable(),
  }),
  draw: { as: 'list changes' },
})
