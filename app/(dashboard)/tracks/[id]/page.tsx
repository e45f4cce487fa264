import { type MusicPageProps, musicPage, musicTitle } from '#app/(dashboard)/tracks/music-page.tsx'
import { getTrack } from '#lib/api/client.ts'
import { findTrack } from '#lib/query/music.ts'
import { CHARTS } from './charts.ts'
import { TrackView } from './track.tsx'

const TRACK = {
  folder: 'tracks',
  subject: 'track',
  endpoint: getTrack,
  find: findTrack,
  charts: CHARTS,
  View: TrackView,
} as const

export const generateMetadata = (props: MusicPageProps) => musicTitle(TRACK, props)

export default function TrackPage(props: MusicPageProps) {
  return musicPage(TRACK, props)
}
