'use client'

import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useRef } from 'react'
import { changeSettings, getMe } from '#lib/api/client.ts'
import type { RunState, SnowflakeState } from '#lib/api/lists.ts'
import type { MeResponse } from '#lib/api/me.ts'
import { keyOf, request } from './request.ts'
import { CALM_MS, LIVE_MS, useEndpoint } from './use-endpoint.ts'

const Me = createContext<MeResponse | null>(null)

/** True while a run is making progress. A waiting run may wait for hours, so it doesn't count. */
export function isActive(state: RunState | undefined): boolean {
  return state === 'queued' || state === 'running'
}

/** The signed-in listener and the state of their data; refreshed every second during a run. */
export function useMe(): MeResponse {
  const me = use(Me)
  if (!me) throw new Error('useMe needs a MeProvider above it')
  return me
}

/** Poll interval in milliseconds for data that runs change. */
export function useLiveInterval(): number {
  return isActive(useMe().lastRun?.state) ? LIVE_MS : CALM_MS
}

/** The listener's time zone, or the browser's until it is known. */
export function useZone(): string {
  const { zone } = useMe()
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Refetches everything on the page when a run ends, new data was loaded, or the models follow what counts. */
function useRefetchOnNewData({ lastRun, openRuns, dataAsOf, counting }: MeResponse): void {
  const queryClient = useQueryClient()
  const open = openRuns.map(({ id, state }) => `${id} ${state}`).join(' ')
  const version = `${lastRun?.id} ${lastRun?.state} ${open} ${dataAsOf} ${counting.isRebuilding}`
  const seen = useRef(version)
  useEffect(() => {
    if (seen.current === version) return
    seen.current = version
    queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] !== getMe.path })
  }, [version, queryClient])
}

/**
 * Refetches the shell's data when the page knows a newer Snowflake state, so that banner and page never disagree.
 *
 * @param state as the page knows it; undefined before its first response
 */
export function useSnowflakeStatusSync(state: SnowflakeState | null | undefined): void {
  const queryClient = useQueryClient()
  const shown = useMe().snowflake?.state ?? null
  useEffect(() => {
    if (state !== undefined && state !== shown) queryClient.invalidateQueries({ queryKey: keyOf(getMe) })
  }, [state, shown, queryClient])
}

/** Sends the browser's time zone to the server once, which can't know it otherwise. */
function useReportZone({ zone }: MeResponse): void {
  const queryClient = useQueryClient()
  useEffect(() => {
    if (zone !== null) return
    request(changeSettings, {}, { body: { zone: Intl.DateTimeFormat().resolvedOptions().timeZone } })
      .then(() => queryClient.invalidateQueries({ queryKey: keyOf(getMe) }))
      // The next page tries again; until then the browser's zone is used anyway.
      .catch(() => {})
  }, [zone, queryClient])
}

/** @param initial rendered by the server, so that the first view needs no request */
export function MeProvider({ initial, children }: { initial: MeResponse; children: ReactNode }) {
  const { data = initial } = useEndpoint(getMe, {
    initial,
    every: (data) =>
      isActive(data?.lastRun?.state) || (data?.counting.isRebuilding && !data.counting.problem) ? LIVE_MS : CALM_MS,
  })
  useRefetchOnNewData(data)
  useReportZone(data)
  return <Me value={data}>{children}</Me>
}
