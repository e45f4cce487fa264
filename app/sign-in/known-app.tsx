'use client'

import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import classes from './sign-in.module.css'

const SPOTIFY_ID = /^[0-9a-f]{32}$/i

/** Signs in a listener with their own Spotify app from a browser that doesn't know it yet. */
export function KnownApp() {
  const [isOpen, setOpen] = useState(false)
  const [clientId, setClientId] = useState('')
  if (!isOpen) {
    return (
      <Button variant="subtle" size="compact-sm" className={classes.aside} onClick={() => setOpen(true)}>
        I use my own Spotify app
      </Button>
    )
  }
  return (
    <div className={classes.known}>
      <TextInput
        label="Client ID of your app"
        description="The one you entered here before. Its secret is already saved."
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        value={clientId}
        onChange={(event) => setClientId(event.currentTarget.value)}
      />
      <SignInButton
        label="Sign in through my app"
        variant="default"
        disabled={!SPOTIFY_ID.test(clientId.trim())}
        fields={{ app: clientId.trim().toLowerCase() }}
      />
    </div>
  )
}
