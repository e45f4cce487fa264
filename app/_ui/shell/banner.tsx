'use client'

import type { ReactNode } from 'react'
import { inSentences } from '#app/_ui/format.ts'
import { AlertIcon, LakeIcon } from '#app/_ui/icons.tsx'
import { Link } from '#app/_ui/link.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Moment, useNow } from '#app/_ui/moment.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import type { MeResponse } from '#lib/api/me.ts'
import { DAY } from '#lib/core/durations.ts'
import classes from './shell.module.css'

const WARN_BEFORE_MS = 30 * DAY
/** Tokens last a year at most, so warning a month ahead would be noise. */
const WARN_TOKEN_BEFORE_MS = 14 * DAY

const SNOWFLAKE_PAGE = '/connections/snowflake'
const NOTIFICATIONS_PAGE = '/settings#notifications'

function consentLine({ consent }: MeResponse, now: number): ReactNode {
  if (consent.state === 'disconnected') {
    return (
      <>
        Spotify is disconnected, so nothing new is synced. Your data stays. <Link href="/connections">Connections</Link>
      </>
    )
  }
  if (consent.state === 'given' && consent.retryAt) {
    return (
      <>
        Spotify refused our sign-in once. We’ll try again at <Moment at={consent.retryAt} as="time" />; nothing new is
        synced until then. Your data stays. If you removed access on purpose, press Disconnect on{' '}
        <Link href="/connections">Connections</Link>.
      </>
    )
  }
  if (consent.state === 'reconnect') {
    return (
      <>
        {inSentences(consent.problem ?? 'Spotify needs your consent again.')} Your data stays. Spotify only remembers
        your last 50 plays; anything beyond that is lost until you reconnect.{' '}
        {consent.retryAt && (
          <>
            Tracklake will also retry the old sign-in <Moment at={consent.retryAt} />.{' '}
          </>
        )}
        <Link href="/connections">Connections</Link>
      </>
    )
  }
  if (!consent.endsAt || Date.parse(consent.endsAt) - now > WARN_BEFORE_MS) return null
  return (
    <>
      Your Spotify consent expires <Moment at={consent.endsAt} />. Reconnect before then and nothing is missed.{' '}
      <Link href="/connections">Connections</Link>
    </>
  )
}

function snowflakeLine({ snowflake }: MeResponse, now: number): ReactNode {
  if (!snowflake) return null
  const { state, problem, remedy, tokenEndsAt } = snowflake
  if (state === 'needs you') {
    return (
      <>
        Snowflake needs your attention: {inSentences(problem ?? 'the connection was refused', remedy)} New data waits;
        nothing is lost. <Link href={SNOWFLAKE_PAGE}>Open Snowflake</Link>
      </>
    )
  }
  if (state === 'waiting') {
    return (
      <>
        Loading into Snowflake is on hold: {inSentences(problem ?? 'it isn’t responding', remedy)} It resumes by itself.{' '}
        <Link href={SNOWFLAKE_PAGE}>Open Snowflake</Link>
      </>
    )
  }
  if (!tokenEndsAt || Date.parse(tokenEndsAt) - now > WARN_TOKEN_BEFORE_MS) return null
  return (
    <>
      Your Snowflake token {Date.parse(tokenEndsAt) > now ? 'expires' : 'expired'} <Moment at={tokenEndsAt} />.{' '}
      <Link href={SNOWFLAKE_PAGE}>Replace it</Link> to keep loading.
    </>
  )
}

function pausedLine({ pausedApp, isAdmin }: MeResponse): ReactNode {
  if (!pausedApp) return null
  const { problem, since, nextLookAt, isOwn } = pausedApp
  return (
    <>
      {inSentences(problem)} {isOwn ? 'Your own app' : 'This installation’s app'} has been refused since{' '}
      <Moment at={since} as="exact" />, so nothing is synced; your data stays. Once{' '}
      {isOwn ? 'you renew it' : 'the operator renews it'}, syncing resumes by itself
      {nextLookAt && (
        <>
          ; the next check is <Moment at={nextLookAt} />
        </>
      )}
      . <Link href={isAdmin && !isOwn ? '/admin' : '/connections'}>Check now</Link>
    </>
  )
}

function pageName(path: string): string {
  if (path === '/data') return 'Open Data'
  if (path === '/overview') return 'Open Overview'
  return path.startsWith('/runs/') ? 'Open the sync' : 'Open Sync'
}

function alertLine({ troubles, telling }: MeResponse): ReactNode {
  const [first, ...more] = troubles
  if (!first) return null
  return (
    <>
      {first.title}. First noticed <Moment at={first.since} />. {inSentences(first.problem, first.remedy)}{' '}
      <Link href={first.path}>{pageName(first.path)}</Link>
      {more.length > 0 && (
        <>
          . Also: {more.map(({ title }) => title).join(', ')} (<Link href="/runs">all syncs</Link>)
        </>
      )}
      {!telling.isTold && (
        <>
          . You only see this here: <Link href={NOTIFICATIONS_PAGE}>get notified</Link>
        </>
      )}
    </>
  )
}

function channelsLine({ telling: { failing } }: MeResponse): ReactNode {
  const [first, ...more] = failing
  if (!first) return null
  return (
    <>
      Messages to “{first.label}” aren’t arriving. {inSentences(first.problem)}
      {more.length > 0 && ` Neither are those to ${more.map(({ label }) => `“${label}”`).join(', ')}.`}{' '}
      <Link href={NOTIFICATIONS_PAGE}>Notifications</Link>
    </>
  )
}

function Warning({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.banner} data-tone="warning" suppressHydrationWarning>
      <AlertIcon size={18} />
      <p suppressHydrationWarning>{children}</p>
      {action}
    </div>
  )
}

/** Goes through Spotify's consent page and back. Interrupted reads continue from their bookmarks. */
function ReconnectButton() {
  return <SignInButton label="Reconnect" size="compact-sm" callbackUrl="/connections" />
}

/** What matters on every page: expiring consent, pauses, alerts, failing channels, and demo mode. */
export function Banner() {
  const me = useMe()
  const now = useNow()
  const consent = consentLine(me, now)
  const paused = pausedLine(me)
  const snowflake = snowflakeLine(me, now)
  const alert = alertLine(me)
  const channels = channelsLine(me)
  return (
    <>
      {consent && <Warning action={<ReconnectButton />}>{consent}</Warning>}
      {paused && <Warning>{paused}</Warning>}
      {snowflake && <Warning>{snowflake}</Warning>}
      {alert && <Warning>{alert}</Warning>}
      {channels && <Warning>{channels}</Warning>}
      {me.demo && (
        <p className={classes.banner}>
          <LakeIcon size={18} />
          <span>
            Demo: Spotify is simulated, and the listeners and their music are made up.
            {me.isAdmin && (
              <>
                {' '}
                <Link href="/setup">Switch to your Spotify</Link>
              </>
            )}
          </span>
        </p>
      )}
    </>
  )
}
