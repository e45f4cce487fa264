'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { inSentences } from '#app/_ui/format.ts'
import { AlertIcon, LakeIcon } from '#app/_ui/icons.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Moment, useNow } from '#app/_ui/moment.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import type { MeResponse } from '#lib/api/me.ts'
import classes from './frame.module.css'

const DAY_MS = 86_400_000
const WARN_BEFORE_MS = 30 * DAY_MS
/** A token lives for a year at most; a reminder of a month would be noise. */
const WARN_TOKEN_BEFORE_MS = 14 * DAY_MS

const SNOWFLAKE_PAGE = '/connections/snowflake'
const CHANNELS_PLACE = '/settings#notifications'

function consentLine({ consent }: MeResponse, now: number): ReactNode {
  if (consent.state === 'disconnected') {
    return (
      <>
        Spotify is disconnected, so nothing new is fetched. Your data stays.{' '}
        <Link href="/connections">Connections</Link>
      </>
    )
  }
  if (consent.state === 'reconnect') {
    return (
      <>
        {inSentences(consent.problem ?? 'Spotify asks for your consent again.')} Your data stays. Spotify keeps your
        last 50 plays; what you play beyond them is missed until you reconnect.{' '}
        <Link href="/connections">Connections</Link>
      </>
    )
  }
  if (!consent.endsAt || Date.parse(consent.endsAt) - now > WARN_BEFORE_MS) return null
  return (
    <>
      Your consent to Spotify ends <Moment at={consent.endsAt} />. Renewed in time, nothing is missed.{' '}
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
        Snowflake needs you: {inSentences(problem ?? 'it refuses the connection', remedy)} What was read waits, nothing
        is lost. <Link href={SNOWFLAKE_PAGE}>Open the connection</Link>
      </>
    )
  }
  if (state === 'waiting') {
    return (
      <>
        Snowflake has to wait: {inSentences(problem ?? 'it does not answer now', remedy)} What was read is loaded
        afterwards by itself. <Link href={SNOWFLAKE_PAGE}>Look at it</Link>
      </>
    )
  }
  if (!tokenEndsAt || Date.parse(tokenEndsAt) - now > WARN_TOKEN_BEFORE_MS) return null
  return (
    <>
      Your Snowflake token {Date.parse(tokenEndsAt) > now ? 'ends' : 'ended'} <Moment at={tokenEndsAt} />.{' '}
      <Link href={SNOWFLAKE_PAGE}>Replace it</Link>, then the loads go on.
    </>
  )
}

function pausedLine({ pausedApp, isAdmin }: MeResponse): ReactNode {
  if (!pausedApp) return null
  const { problem, since, nextLookAt, isOwn } = pausedApp
  return (
    <>
      {inSentences(problem)} Spotify answers nothing through {isOwn ? 'your own app' : 'this installation’s app'} since{' '}
      <Moment at={since} />, so nothing is fetched; your data stays.{' '}
      {isOwn ? 'Renew it, and' : 'As soon as the operator renews it,'} everything goes on by itself
      {nextLookAt && (
        <>
          : the next look is <Moment at={nextLookAt} />
        </>
      )}
      . <Link href={isAdmin && !isOwn ? '/admin' : '/connections'}>Look now</Link>
    </>
  )
}

function troubleLine({ troubles, telling }: MeResponse): ReactNode {
  const [first, ...more] = troubles
  if (!first) return null
  return (
    <>
      {first.title}; it began <Moment at={first.since} />. {inSentences(first.problem, first.remedy)}{' '}
      <Link href={first.path}>{first.path.startsWith('/runs/') ? 'Open the run' : 'Open Runs'}</Link>
      {more.length > 0 && (
        <>
          . Besides: {more.map(({ title }) => title).join(', ')} (<Link href="/runs">all runs</Link>)
        </>
      )}
      {!telling.isTold && (
        <>
          . You are told of this on these pages only: <Link href={CHANNELS_PLACE}>add a channel</Link>
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
      Messages to “{first.label}” do not arrive. {inSentences(first.problem)}
      {more.length > 0 && ` Nor do those to ${more.map(({ label }) => `“${label}”`).join(', ')}.`}{' '}
      <Link href={CHANNELS_PLACE}>Notifications</Link>
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

/** One press leads through Spotify's consent page and back; what was begun goes on from its bookmarks. */
function ReconnectButton() {
  return <SignInButton word="Reconnect" size="compact-sm" callbackUrl="/connections" />
}

/** Lines that matter on every page: what ends, what is paused or failing, who is not reached, a simulated Spotify. */
export function Banner() {
  const me = useMe()
  const now = useNow()
  const consent = consentLine(me, now)
  const paused = pausedLine(me)
  const snowflake = snowflakeLine(me, now)
  const trouble = troubleLine(me)
  const channels = channelsLine(me)
  return (
    <>
      {consent && <Warning action={<ReconnectButton />}>{consent}</Warning>}
      {paused && <Warning>{paused}</Warning>}
      {snowflake && <Warning>{snowflake}</Warning>}
      {trouble && <Warning>{trouble}</Warning>}
      {channels && <Warning>{channels}</Warning>}
      {me.demo && (
        <p className={classes.banner}>
          <LakeIcon size={18} />
          <span>
            Demo mode: Spotify is simulated, and the listeners and their music are invented.
            {me.isAdmin && (
              <>
                {' '}
                <Link href="/setup">Use the real Spotify</Link>
              </>
            )}
          </span>
        </p>
      )}
    </>
  )
}
