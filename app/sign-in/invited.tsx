'use client'

import { Button } from '@mantine/core'
import { useState } from 'react'
import { OwnAppForm } from '#app/_ui/own-app/own-app-form.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { Guide } from '#app/setup/guide.tsx'
import classes from './sign-in.module.css'

/** For whoever opened the link of an invite: two ways in. */
export function Invited({ invite, redirectUri }: { invite: string; redirectUri: string }) {
  const [isOwn, setOwn] = useState(false)
  return (
    <div className={classes.invited}>
      <h1>You are invited</h1>
      <p className={classes.lead}>
        Tracklake fetches what Spotify remembers of your music, again and again, and keeps it in tables of your own.
        Spotify asks you first, and you can end it at any time.
      </p>
      <div className={classes.ways}>
        <section className={classes.way} aria-label="Through this installation’s app">
          <h2>Through this installation&apos;s app</h2>
          <p>
            The quick way, if its operator has put you on the app&apos;s list: Spotify lets five people into one app.
          </p>
          <SignInButton fields={{ invite }} variant={isOwn ? 'default' : 'filled'} />
        </section>
        <section className={classes.way} aria-label="Through a Spotify app of your own">
          <h2>Through a Spotify app of your own</h2>
          <p>
            It takes ten minutes and needs Spotify Premium. Nobody else&apos;s requests count against yours, and no list
            of the operator&apos;s stands in the way.
          </p>
          {!isOwn && (
            <Button variant="default" onClick={() => setOwn(true)}>
              Use an app of my own
            </Button>
          )}
        </section>
      </div>
      {isOwn && (
        <div className={classes.ways}>
          <OwnAppForm invite={invite} sharable={[]} callbackUrl="/overview" />
          <Guide redirectUri={redirectUri} isForOneself />
        </div>
      )}
    </div>
  )
}
