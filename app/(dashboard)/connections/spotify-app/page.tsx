import { requireListener } from '#lib/auth/auth.ts'
import { OwnSpotifyApp } from './own-spotify-app.tsx'

export const metadata = { title: 'Your own Spotify app' }

export default async function SpotifyAppPage() {
  await requireListener()
  return <OwnSpotifyApp />
}
