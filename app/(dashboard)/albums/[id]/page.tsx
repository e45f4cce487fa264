import { type MusicPageProps, musicPage, musicTitle } from '#app/(dashboard)/tracks/music-page.tsx'
import { getAlbum } from '#lib/api/client.ts'
import { findAlbum } from '#lib/query/music.ts'
import { AlbumView } from './album.tsx'
import { CHARTS } from './charts.ts'

const ALBUM = {
  folder: 'albums',
  subject: 'album',
  endpoint: getAlbum,
  find: findAlbum,
  charts: CHARTS,
  View: AlbumView,
} as const

export const generateMetadata = (props: MusicPageProps) => musicTitle(ALBUM, props)

export default function AlbumPage(props: MusicPageProps) {
  return musicPage(ALBUM, props)
}
