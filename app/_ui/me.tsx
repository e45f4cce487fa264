'use client'

import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useRef } from 'react'
import { changeSettings, getMe } from '#lib/api/client.ts'
import type { RunState, SnowflakeState } from '#lib/api/lists.ts'
import type { MeResponse } from '#lib/api/me.ts'
import { request } from './request.ts'
import { CALM_MS, keyOf, LIVE_MS, useEndpoint } from './use-endpoint.ts'

const Me = createContext<MeResponse | null>(null)

/** Whether a run moves by itself right now; a waiting one may wait for hours. */
export function isActive(state: RunState | undefined): boolean {
  return state === 'queued' || state === 'running'
}

/** Who is signed in and how their data stands; fresh every second while a run is under way. */
export function useMe(): MeResponse {
  const me = use(Me)
  if (!me) throw new Error('useMe needs a MeProvider above it')
  return me
}

/** Milliseconds between two questions of a page that shows what runs change. */
export function useLiveInterval(): number {
  return isActive(useMe().lastRun?.state) ? LIVE_MS : CALM_MS
}

/** The listener's zone; the browser's own until it is known. */
export function useZone(): string {
  const { zone } = useMe()
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** When a run ends or new data was loaded, everything on the page asks again at once. */
function useFreshData({ lastRun, dataAsOf }: MeResponse): void {
  const queryClient = useQueryClient()
  const version = `${lastRun?.id} ${lastRun?.state} ${dataAsOf}`
  const seen = useRef(version)
  useEffect(() => {
    if (seen.current === version) return
    seen.current = version
    queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] !== getMe.path })
  }, [version, queryClient])
}

/**
 * Lets the frame ask again when a page knows better how the listener's Snowflake does: the page asks every second while
 * it is loaded, and the two must not contradict each other.
 * @param state as the page knows it; undefined before its first answer
 */
export function useFrameInStep(state: SnowflakeState | null | undefined): void {
  const queryClient = useQueryClient()
  const shown = useMe().snowflake?.state ?? null
  useEffect(() => {
    if (state !== undefined && state !== shown) queryClient.invalidateQueries({ queryKey: keyOf(getMe) })
  }, [state, shown, queryClient])
}

/** The server cannot know the zone: the browser tells it once. */
function useToldZone({ zone }: MeResponse): void {
  const queryClient = useQueryClient()
  useEffect(() => {
    if (zone !== null) return
    request(changeSettings, {}, { body: { zone: Intl.DateTimeFormat().resolvedOptions().timeZone } })
      .then(() => queryClient.invalidateQueries({ queryKey: keyOf(getMe) }))
      // Told again with the next page; until then the browser's zone is used anyway.
      .catch(() => {})
  }, [zone, queryClient])
}

/** @param initial what the server knew when it rendered, so that the first view asks nothing */
export function MeProvider({ initial, children }: { initial: MeResponse; children: ReactNode }) {
  const { data = initial } = useEndpoint(getMe, {
    initial,
    every: (answer) => (isActive(answer?.lastRun?.state) ? LIVE_MS : CALM_MS),
  })
  useFreshData(data)
  useToldZone(data)
  return <Me value={data}>{children}</Me>
}
