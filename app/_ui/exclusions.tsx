'use client'

import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { excludePlay, getExclusions, includePlay } from '#lib/api/client.ts'
import type { ExclusionChange } from '#lib/api/exclusions.ts'
import { useMe } from './me.tsx'
import { asProblem, keyOf, request } from './request.ts'
import { CALM_MS, LIVE_MS, useEndpoint } from './use-endpoint.ts'

/** Excluding plays on a page, and what was decided but isn't in its charts yet. */
interface Exclusions {
  /** How many plays are excluded. */
  count: number
  /** `waiting`: the charts don't show every decision yet; `stuck`: they can't for now. */
  state: 'applied' | 'waiting' | 'stuck'
  /** What was decided about a play; undefined if its row is right. */
  decisionOf(play: ExclusionChange): boolean | undefined
  decide(play: ExclusionChange, excluded: boolean): void
}

const Context = createContext<Exclusions | null>(null)

/** Null on pages where plays can't be excluded. */
export const useExclusions = () => useContext(Context)

const nameOf = ({ playedAt, uri }: ExclusionChange) => `${playedAt} ${uri}`

/**
 * Lets the plays below be excluded. A decision shows at once and is sent in order; one that fails is shown as a problem,
 * and its row as before. Charts are fetched again when they have all decisions.
 */
export function ExclusionsProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const isOffered = useMe().serving === 'embedded'
  const { data } = useEndpoint(getExclusions, {
    enabled: isOffered,
    every: (response) => (response?.pending.length && response.problem === null ? LIVE_MS : CALM_MS),
  })
  const [own, setOwn] = useState<ReadonlyMap<string, boolean>>(new Map())
  const [sending, setSending] = useState(0)
  const queue = useRef(Promise.resolve())
  const isWaiting = sending > 0 || (data?.pending.length ?? 0) > 0

  const wasWaiting = useRef(isWaiting)
  useEffect(() => {
    if (wasWaiting.current && !isWaiting) client.invalidateQueries().then(() => setOwn(new Map()))
    wasWaiting.current = isWaiting
  }, [isWaiting, client])

  const value = useMemo<Exclusions | null>(() => {
    if (!isOffered) return null
    const pending = new Map(data?.pending.map((one) => [nameOf(one), one.excluded]))
    async function send(play: ExclusionChange, excluded: boolean) {
      try {
        const response = await (excluded
          ? request(excludePlay, {}, { body: play })
          : request(includePlay, {}, { body: play }))
        client.setQueryData(keyOf(getExclusions), response)
      } catch (error) {
        const { message, remedy } = asProblem(error)
        notifications.show({ color: 'rose', title: message, message: remedy })
        setOwn((before) => {
          if (before.get(nameOf(play)) !== excluded) return before
          return new Map([...before].filter(([name]) => name !== nameOf(play)))
        })
      }
      setSending((count) => count - 1)
    }
    return {
      count: data?.excluded ?? 0,
      state: isWaiting ? (data?.problem && sending === 0 ? 'stuck' : 'waiting') : 'applied',
      decisionOf: (play) => own.get(nameOf(play)) ?? pending.get(nameOf(play)),
      decide(play, excluded) {
        setOwn((before) => new Map(before).set(nameOf(play), excluded))
        setSending((count) => count + 1)
        queue.current = queue.current.then(() => send(play, excluded))
      },
    }
  }, [isOffered, data, own, sending, isWaiting, client])
  return <Context value={value}>{children}</Context>
}
