'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatDate, inSentences } from '#app/_ui/format.ts'
import { Mark } from '#app/_ui/mark.tsx'
import { useZone } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import type { ConnectionsResponse } from '#lib/api/connections.ts'
import classes from './connections.module.css'
import { DisconnectButton } from './disconnect-button.tsx'
import { LookNow } from './look-now.tsx'
import { PlaysGapLine } from './plays-gap-line.tsx'

type Spotify = ConnectionsResponse['spotify']

const STATES: Record<Spotify['state'], string> = {
  given: 'connected',
  reconnect: 'needs your consent again',
  disconnected: 'disconnected',
}

function Scopes({ scopes }: Pick<Spotify, 'scopes'>) {
  return (
    <ul className={classes.list}>
      {scopes.map(({ scope, granted, meaning }) => (
        <li key={scope}>
          <Mark look={granted ? 'good' : 'bad'} word={granted ? 'granted' : 'not granted'} />
          <span>
            {meaning} <code className={classes.code}>{scope}</code>
          </span>
        </li>
      ))}
    </ul>
  )
}

function Capabilities({ capabilities }: Pick<Spotify, 'capabilities'>) {
  return (
    <ul className={classes.list}>
      {capabilities.map(({ name, available, detail }) => (
        <li key={name}>
          {available === null ? (
            <Mark look="unknown" word="not known yet" />
          ) : (
            <Mark look={available ? 'good' : 'bad'} word={available ? 'available' : 'not available'} />
          )}
          <span>
            {name} <span className={classes.dimmed}>{detail}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}

function AppName({ spotify }: { spotify: Spotify }) {
  return (
    <>
      <code className={classes.code}>{spotify.app}</code> {spotify.isOwnApp ? 'your own' : 'the operator’s'},{' '}
      <Link href="/connections/spotify-app" className={classes.link}>
        {spotify.isOwnApp ? 'change it' : 'use one of your own'}
      </Link>
    </>
  )
}

/** Spotify lets five people into an app of development mode. */
function placesWords({ places: { taken, most } }: Spotify): string {
  return `${taken} of the ${most} that Spotify gives an app${taken >= most ? ': who comes now brings an app of their own' : ''}`
}

/** The consent: whose, since when, until when, for what; and the two ways to change it. */
export function SpotifyPanel({ spotify }: { spotify: Spotify }) {
  const zone = useZone()
  const facts: [word: string, fact: ReactNode][] = [
    ['State', STATES[spotify.state]],
    ['Account', spotify.account],
    ['Through the app', spotify.app && <AppName key="app" spotify={spotify} />],
    ['Places in it', spotify.app ? placesWords(spotify) : null],
    ['Consent given', spotify.authorizedAt && formatDate(spotify.authorizedAt, zone)],
    ['Consent ends', spotify.endsAt && <Moment key="ends" at={spotify.endsAt} />],
  ]
  return (
    <Panel
      title="Spotify"
      action={
        <>
          <SignInButton
            word="Reconnect"
            variant={spotify.state === 'given' ? 'default' : 'filled'}
            callbackUrl="/connections"
          />
          {spotify.state !== 'disconnected' && <DisconnectButton />}
        </>
      }
    >
      <FactList facts={facts} />
      {spotify.problem && <p className={classes.problem}>{inSentences(spotify.problem)}</p>}
      {spotify.paused && (
        <div className={classes.problem}>
          <LookNow paused={spotify.paused} />
        </div>
      )}
      {spotify.gap && <PlaysGapLine gap={spotify.gap} />}
      <h3 className={classes.head}>What you allow</h3>
      <Scopes scopes={spotify.scopes} />
      {spotify.capabilities.length > 0 && (
        <>
          <h3 className={classes.head}>What Spotify gives this app</h3>
          <Capabilities capabilities={spotify.capabilities} />
        </>
      )}
    </Panel>
  )
}
