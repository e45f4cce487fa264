'use client'

import { notifications } from '@mantine/notifications'
import { keepPreviousData, replaceEqualDeep, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { askApp, asProblem, type Method, sendToApp } from './answers.ts'

/** How often a page asks again: every second while a run is under way, else every half minute. */
export const LIVE_MS = 1_000
export const CALM_MS = 30_000

interface AskOptions<Answer> {
  initial?: Answer
  enabled?: boolean
  /** Milliseconds until the next question; may look at the last answer. `false`: it does not change by itself. */
  every?: number | false | ((answer: Answer | undefined) => number)
  /** What of the last answer of the same address stays while the next one is still incomplete. */
  keep?: (before: Answer, next: Answer) => Answer
}

/**
 * The answer of an address of the app, kept fresh. While another address is asked (a new range, the next page) the
 * previous answer stays, with `isPlaceholderData` true.
 */
export function useAnswer<Answer>(path: string, { initial, enabled, every = CALM_MS, keep }: AskOptions<Answer> = {}) {
  return useQuery<Answer>({
    queryKey: ['answer', path],
    queryFn: ({ signal }) => askApp<Answer>(path, { signal }),
    refetchInterval: typeof every === 'function' ? (query) => every(query.state.data) : every,
    placeholderData: keepPreviousData,
    // What is equal keeps its identity, so that nothing is drawn again for it.
    structuralSharing: (before, next) =>
      replaceEqualDeep(before, keep && before !== undefined ? keep(before as Answer, next as Answer) : next),
    ...(initial === undefined ? {} : { initialData: initial }),
    ...(enabled === undefined ? {} : { enabled }),
  })
}

interface SendOptions<Answer> {
  onDone?: (answer: Answer) => void
  /** The caller shows the problem in its own place instead of a notice. */
  quiet?: boolean
  /** Whether everything on the page asks again afterwards. */
  refresh?: boolean
}

/** A button's deed: sends JSON, then the page asks again. A problem is shown as a notice unless it is `quiet`. */
export function useSend<Answer, Body = void>(
  method: Method,
  path: string,
  { onDone, quiet = false, refresh = true }: SendOptions<Answer> = {},
) {
  const queryClient = useQueryClient()
  return useMutation<Answer, Error, Body>({
    mutationKey: [method, path],
    mutationFn: (body) => sendToApp<Answer>(method, path, body ?? {}),
    onSuccess: (answer) => {
      onDone?.(answer)
      return refresh ? queryClient.invalidateQueries() : undefined
    },
    onError: (thrown) => {
      if (quiet) return
      const { message, remedy } = asProblem(thrown)
      notifications.show({ color: 'rose', title: message, message: remedy })
    },
  })
}
