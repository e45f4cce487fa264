'use client'

import { ConfirmByName } from '#app/_ui/confirm-by-name.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { disconnectSpotify } from '#lib/api/client.ts'

/** Ends access to Spotify, after the listener has typed their name. */
export function DisconnectButton() {
  const { name } = useMe()
  const { mutate, isPending, error } = useAction(disconnectSpotify, { quiet: true })
  return (
    <ConfirmByName
      action="Disconnect"
      name={name}
      isSending={isPending}
      problem={error && asProblem(error)}
      onConfirm={() => mutate()}
    >
      <p>This ends Tracklake&apos;s access to your Spotify account right away:</p>
      <ul>
        <li>the stored access and refresh tokens are deleted,</li>
        <li>syncs in progress are canceled,</li>
        <li>nothing more is synced, and plays from now on are missed.</li>
      </ul>
      <p>
        Your data stays readable, so you can copy it. Spotify&apos;s terms require it to be deleted within five days:
        use Delete account in Settings.
      </p>
    </ConfirmByName>
  )
}
