'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import type { MeAnswer } from '../../../lib/answers.ts'
import { inSentences } from '../format.ts'
import { AlertIcon, LakeIcon } from '../icons.tsx'
import { useMe } from '../me.tsx'
import { Moment, useNow } from '../moment.tsx'
import classes from './frame.module.css'

const WARN_BEFORE_MS = 30 * 86_400_000

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

/** Lines that matter on every page: a consent that ends, a simulated Spotify. */
export function Banner() {
  const me = useMe()
  const consent = consentLine(me, useNow())
  return (
    <>
      {consent && (
        <p className={classes.banner} data-tone="warning" suppressHydrationWarning>
          <AlertIcon size={18} />
          <span>{consent}</span>
        </p>
      )}
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
