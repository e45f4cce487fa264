import { Prefetched, prefetch } from '#app/_ui/prefetched.tsx'
import { connections } from '#lib/accounts/status.ts'
import { getConnections } from '#lib/api/client.ts'
import { requireListener } from '#lib/auth/auth.ts'
import { OwnSpotifyApp } from './own-spotify-app.tsx'

export const metadata = { title: 'Your own Spotify app' }

export default async function SpotifyAppPage() {
  const listener = await requireListener()
  return (
    <Prefetched responses={[prefetch(getConnections, () => connections(listener))]}>
      <OwnSpotifyApp />
    </Prefetched>
  )
}
