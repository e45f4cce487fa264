import { type MusicPageProps, musicPage, musicTitle } from '#app/(dashboard)/tracks/music-page.tsx'
import { getArtist } from '#lib/api/client.ts'
import { findArtist } from '#lib/query/music.ts'
import { ArtistView } from './artist.tsx'
import { CHARTS } from './charts.ts'

const ARTIST = {
  folder: 'artists',
  subject: 'artist',
  endpoint: getArtist,
  find: findArtist,
  charts: CHARTS,
  View: ArtistView,
} as const

export const generateMetadata = (props: MusicPageProps) => musicTitle(ARTIST, props)

export default function ArtistPage(props: MusicPageProps) {
  return musicPage(ARTIST, props)
}
