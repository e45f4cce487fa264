'use client'

import { Button, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { getSessions } from '#lib/api/client.ts'
import classes from './confirm-sign-in.module.css'
import { CONFIRMED_CHANNEL } from './confirmed-channel.ts'
import { ProblemText } from './problem.tsx'
import { asProblem, fetchJson, request } from './request.ts'

/** Polls because the announcement can get lost, for example if a phone opened Spotify in another window. */
const CHECK_MS = 2_000

/** Calls back as soon as the session counts as recently signed in. */
function useConfirmation(isWaiting: boolean, onConfirmed: () => void): void {
  const id = useId()
  const { data, refetch } = useQuery({
    // Not shared with the page, whose response may predate the refusal.
    queryKey: ['confirmation', id],
    queryFn: ({ signal }) => request(getSessions, {}, { signal }),
    refetchInterval: isWaiting && CHECK_MS,
    gcTime: 0,
  })
  useEffect(() => {
    const channel = new BroadcastChannel(CONFIRMED_CHANNEL)
    channel.onmessage = () => refetch()
    return () => channel.close()
  }, [refetch])
  const isConfirmed = Boolean(data?.recentUntil)
  const isCalled = useRef(false)
  useEffect(() => {
    if (!isConfirmed || isCalled.current) return
    isCalled.current = true
    onConfirmed()
  }, [isConfirmed, onConfirmed])
}

/**
 * Lets the listener confirm their identity with Spotify. Spotify opens in a new tab, so what they typed never leaves
 * this page.
 */
export function ConfirmSignIn({ onConfirmed }: { onConfirmed: () => void }) {
  const [isWaiting, setWaiting] = useState(false)
  const form = useId()
  useConfirmation(isWaiting, onConfirmed)
  // Fetched before the click: browsers only let a click open a tab right away.
  const { data, error } = useQuery({
    queryKey: ['csrf', form],
    queryFn: () => fetchJson<{ csrfToken: string }>('/api/auth/csrf'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })

  function leave(event: FormEvent) {
    // React also reports it to the form around this one.
    event.stopPropagation()
    setWaiting(true)
  }

  return (
    <div role="alert" className={classes.box}>
      <h3>Confirm that it’s you</h3>
      <p>
        To manage tokens, invites and warehouse secrets, you must have signed in within the last 15 minutes. Spotify
        opens in a new tab; what you typed stays here.
      </p>
      <div className={classes.line}>
        <Button type="submit" form={form} disabled={!data}>
          Confirm with Spotify
        </Button>
        {isWaiting && (
          <span role="status" className={classes.waiting}>
            <Loader size={16} /> Waiting for Spotify. This page will continue automatically.
          </span>
        )}
      </div>
      {error && <ProblemText problem={asProblem(error)} />}
      {/* A form can't be inside another one. */}
      {createPortal(
        <form
          id={form}
          method="post"
          action="/api/auth/signin/spotify"
          target="_blank"
          rel="noopener"
          onSubmit={leave}
          hidden
        >
          <input type="hidden" name="csrfToken" value={data?.csrfToken ?? ''} />
          <input type="hidden" name="callbackUrl" value="/confirmed" />
          <input type="hidden" name="confirm" value="1" />
        </form>,
        document.body,
      )}
    </div>
  )
}
