'use client'

import { useEffect, useState } from 'react'
import { formatMoment, formatRelative, formatTime } from './format.ts'
import { useZone } from './me.tsx'

const TICK_MS = 20_000

/** Milliseconds since 1970, renewed while the page is open. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}

interface Props {
  /** ISO 8601 UTC */
  at: string
  as?: 'relative' | 'time' | 'exact'
}

/** A moment in the listener's zone; the exact one stands in the title. */
export function Moment({ at, as = 'relative' }: Props) {
  const zone = useZone()
  const now = useNow()
  const exact = formatMoment(at, zone)
  const text = as === 'exact' ? exact : as === 'time' ? formatTime(at, zone) : formatRelative(at, now)
  // Server and browser render a moment apart, and may know another zone.
  return (
    <time dateTime={at} title={`${exact} (${zone})`} suppressHydrationWarning>
      {text}
    </time>
  )
}
