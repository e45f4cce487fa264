'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import type { MeAnswer } from '../../../lib/answers.ts'
import { inSentences } from '../format.ts'
import { AlertIcon, LakeIcon } from '../icons.tsx'
import { useMe } from '../me.tsx'
import { Moment, useNow } from '../moment.tsx'
import classes from './frame.module.css'

const DAY_MS = 86_400_000
const WARN_BEFORE_MS = 30 * DAY_MS
/** A token lives for a year at most; a reminder of a month would be noise. */
const WARN_TOKEN_BEFORE_MS = 14 * DAY_MS

const SNOWFLAKE_PAGE = '/connections/snowflake'

function consentLine({ consent }: MeAnswer, now: number): ReactNode {
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
        {inSentences(consent.problem ?? 'Spotify asks for your consent again.')} Your data stays; new plays wait until
        you <Link href="/connections">connect again</Link>.
      </>
    )
  }
  if (!consent.endsAt || Date.parse(consent.endsAt) - now > WARN_BEFORE_MS) return null
  return (
    <>
      Your consent to Spotify ends <Moment at={consent.endsAt} />. <Link href="/connections">Renew it now</Link>, then
      nothing is missed.
    </>
  )
}

function snowflakeLine({ snowflake }: MeAnswer, now: number): ReactNode {
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

function Warning({ children }: { children: ReactNode }) {
  return (
    <p className={classes.banner} data-tone="warning" suppressHydrationWarning>
      <AlertIcon size={18} />
      <span suppressHydrationWarning>{children}</span>
    </p>
  )
}

/** Lines that matter on every page: a consent that ends, a warehouse in trouble, a simulated Spotify. */
export function Banner() {
  const me = useMe()
  const now = useNow()
  const consent = consentLine(me, now)
  const snowflake = snowflakeLine(me, now)
  return (
    <>
      {consent && <Warning>{consent}</Warning>}
      {snowflake && <Warning>{snowflake}</Warning>}
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
