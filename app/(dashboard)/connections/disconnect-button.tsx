'use client'

import { ConfirmByName } from '#app/_ui/confirm-by-name.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { disconnectSpotify } from '#lib/api/client.ts'

/** Ends the access to Spotify after the listener's name was typed. */
export function DisconnectButton() {
  const { name } = useMe()
  const { mutate, isPending, error } = useAction(disconnectSpotify, { quiet: true })
  return (
    <ConfirmByName
      deed="Disconnect"
      name={name}
      isSending={isPending}
      problem={error && asProblem(error)}
      onConfirm={() => mutate()}
    >
      <p>This forgets Tracklake&apos;s access to your Spotify account at once:</p>
      <ul>
        <li>the stored access and refresh tokens are deleted,</li>
        <li>runs that are under way are cancelled,</li>
        <li>nothing more is fetched, and plays from now on are missed.</li>
      </ul>
      <p>
        Your tables stay readable, so that you can copy what is yours. Spotify&apos;s terms ask for them to be deleted
        within five days: use Delete everything on the settings page.
      </p>
    </ConfirmByName>
  )
}
