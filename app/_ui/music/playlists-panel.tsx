import { Artwork } from '#app/_ui/artwork.tsx'
import { nameOf } from '#app/_ui/draw/cells.ts'
import { formatCount } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import type { Track } from '#lib/api/client.ts'
import classes from './music.module.css'

/** The playlists that contain it. */
export function PlaylistsPanel({ playlists }: { playlists: Track['playlists'] }) {
  if (playlists.length === 0) return null
  return (
    <Panel title="In playlists">
      <ul className={classes.list}>
        {playlists.map((playlist) => (
          <li key={playlist.id} className={classes.row} data-ranked="false">
            <Artwork src={playlist.artwork} name={nameOf(playlist)} size={36} />
            <span className={classes.text}>
              <span className={classes.name}>
                <Link href={`/playlists/${encodeURIComponent(playlist.id)}`}>{nameOf(playlist)}</Link>
              </span>
            </span>
            <span className={classes.detail}>{formatCount(playlist.songs, 'song')}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
