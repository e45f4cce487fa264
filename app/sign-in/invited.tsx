'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { OwnAppForm } from '#app/_ui/own-app/own-app-form.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { Guide } from '#app/setup/guide.tsx'
import classes from './sign-in.module.css'

/** Shown to visitors with an invite: sign in through either Spotify app. */
export function Invited({ invite, redirectUri }: { invite: string; redirectUri: string }) {
  const [isOwn, setOwn] = useState(false)
  return (
    <div className={classes.invited}>
      <h1>You’re invited</h1>
      <p className={classes.lead}>
        Tracklake syncs your listening from Spotify around the clock, and keeps what Spotify forgets. Spotify asks for
        your consent first, and you can stop at any time.
      </p>
      <div className={classes.ways}>
        <section className={classes.way} aria-label="Through this installation’s app">
          <h2>Through this installation&apos;s app</h2>
          <p>The quick way, if the operator has added you to the app: Spotify allows five people per app.</p>
          <SignInButton fields={{ invite }} variant={isOwn ? 'default' : 'filled'} />
        </section>
        <section className={classes.way} aria-label="Through your own Spotify app">
          <h2>Through your own Spotify app</h2>
          <p>
            Takes ten minutes and needs Spotify Premium. You don’t take up a place in the operator’s app, and other
            people’s requests don’t count against yours.
          </p>
          {!isOwn && (
            <Button variant="default" onClick={() => setOwn(true)}>
              Use my own app
            </Button>
          )}
        </section>
      </div>
      {isOwn && (
        <div className={classes.ways}>
          <OwnAppForm invite={invite} sharable={[]} callbackUrl="/overview" />
          <Guide redirectUri={redirectUri} isOwnApp />
        </div>
      )}
    </div>
  )
}
