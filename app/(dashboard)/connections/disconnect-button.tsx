'use client'

import { asProblem } from '#app/_ui/answers.ts'
import { ConfirmByName } from '#app/_ui/confirm-by-name.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { useSend } from '#app/_ui/use-answer.ts'

/** Ends access to Spotify, after the listener has typed their name. */
export function DisconnectButton() {
  const { name } = useMe()
  const { mutate, isPending, error } = useSend<unknown, { confirm: string }>('POST', '/api/disconnect', { quiet: true })
  return (
    <ConfirmByName
      action="Disconnect"
      name={name}
      isSending={isPending}
      problem={error && asProblem(error)}
      onConfirm={(confirm) => mutate({ confirm })}
    >
      <p>This ends Tracklake&apos;s access to your Spotify account right away:</p>
      <ul>
        <li>the stored access and refresh tokens are deleted,</li>
        <li>syncs in progress are canceled,</li>
        <li>nothing more is synced, and plays from now on are missed.</li>
      </ul>
      <p>
        Your data stays readable, so you can copy it. Spotify&apos;s terms ask for it to be deleted within five days:
        use Delete account in Settings.
      </p>
    </ConfirmByName>
  )
}
