'use client'

import type { ReactNode } from 'react'
import { FactList } from '#app/_ui/fact-list.tsx'
import { formatDate, inSentences } from '#app/_ui/format.ts'
import { Link } from '#app/_ui/link.tsx'
import { useZone } from '#app/_ui/me.tsx'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { StatusIcon } from '#app/_ui/status-icon.tsx'
import type { ConnectionsResponse } from '#lib/api/connections.ts'
import { CheckNow } from './check-now.tsx'
import classes from './connections.module.css'
import { DisconnectButton } from './disconnect-button.tsx'
import { PlaysGapLine } from './plays-gap-line.tsx'

type Spotify = ConnectionsResponse['spotify']

const STATES: Record<Spotify['state'], string> = {
  given: 'connected',
  reconnect: 'needs you to reconnect',
  disconnected: 'disconnected',
}

function formatState({ state, retryAt }: Spotify): string {
  return state === 'given' && retryAt ? 'refused once, checking again' : STATES[state]
}

/** Why nothing is synced, and when a refused sign-in is tried again. */
function ConsentProblem({ spotify: { problem, retryAt } }: { spotify: Spotify }) {
  if (!problem) return null
  return (
    <p className={classes.problem}>
      {inSentences(problem)}{' '}
      {retryAt && (
        <>
          Tracklake will retry this sign-in <Moment at={retryAt} />. You can reconnect at any time.
        </>
      )}
    </p>
  )
}

function Scopes({ scopes }: Pick<Spotify, 'scopes'>) {
  return (
    <ul className={classes.list}>
      {scopes.map(({ scope, granted, meaning }) => (
        <li key={scope}>
          <StatusIcon kind={granted ? 'good' : 'bad'} label={granted ? 'granted' : 'not granted'} />
          <span>
            {meaning} <code className={classes.code}>{scope}</code>
          </span>
        </li>
      ))}
    </ul>
  )
}

function CapabilityIcon({ available }: Pick<Spotify['capabilities'][number], 'available'>) {
  if (available === null) return <StatusIcon kind="unknown" label="not known yet" />
  return <StatusIcon kind={available ? 'good' : 'closed'} label={available ? 'available' : 'not offered'} />
}

/** What Spotify offers to few apps. The one place that says so if this app isn't among them. */
function Capabilities({ capabilities }: Pick<Spotify, 'capabilities'>) {
  return (
    <>
      <ul className={classes.list}>
        {capabilities.map(({ name, available }) => (
          <li key={name}>
            <CapabilityIcon available={available} />
            <span>{name}</span>
          </li>
        ))}
      </ul>
      {capabilities.some(({ available }) => available === false) && (
        <p className={classes.detail}>Spotify no longer offers its charts to new apps. Nothing else is affected.</p>
      )}
    </>
  )
}

function AppName({ spotify }: { spotify: Spotify }) {
  return (
    <>
      <code className={classes.code}>{spotify.app}</code> {spotify.isOwnApp ? 'your own' : 'the operator’s'},{' '}
      <Link href="/connections/spotify-app" className={classes.link}>
        {spotify.isOwnApp ? 'change' : 'use your own app'}
      </Link>
    </>
  )
}

/** Spotify allows five people per app in development mode. */
function formatPlaces({ places: { taken, most } }: Spotify): string {
  return `${taken} of ${most}${taken >= most ? ' (full: the next person needs their own app)' : ''}`
}

/** The Spotify connection: account, app, consent and permissions, with buttons to reconnect and disconnect. */
export function SpotifyPanel({ spotify }: { spotify: Spotify }) {
  const zone = useZone()
  const facts: [label: string, fact: ReactNode][] = [
    ['State', formatState(spotify)],
    ['Account', spotify.account],
    ['Spotify app', spotify.app && <AppName key="app" spotify={spotify} />],
    ['App users', spotify.app ? formatPlaces(spotify) : null],
    ['Consent given', spotify.authorizedAt && formatDate(spotify.authorizedAt, zone)],
    ['Consent expires', spotify.endsAt && <Moment key="expires" at={spotify.endsAt} />],
  ]
  return (
    <Panel
      title="Spotify"
      action={
        <>
          <SignInButton
            label="Reconnect"
            variant={spotify.state === 'given' && !spotify.retryAt ? 'default' : 'filled'}
            callbackUrl="/connections"
          />
          {spotify.state !== 'disconnected' && <DisconnectButton />}
        </>
      }
    >
      <FactList facts={facts} />
      <ConsentProblem spotify={spotify} />
      {spotify.paused && (
        <div className={classes.problem}>
          <CheckNow paused={spotify.paused} />
        </div>
      )}
      {spotify.gap && <PlaysGapLine gap={spotify.gap} />}
      <h3 className={classes.head}>Permissions</h3>
      <Scopes scopes={spotify.scopes} />
      {spotify.capabilities.length > 0 && (
        <>
          <h3 className={classes.head}>Spotify’s charts</h3>
          <Capabilities capabilities={spotify.capabilities} />
        </>
      )}
    </Panel>
  )
}
