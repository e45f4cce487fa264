'use client'

import { notifications } from '@mantine/notifications'
import { keepPreviousData, replaceEqualDeep, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { BodyInputOf, Endpoint, EndpointAddress, ResponseOf } from '#lib/api/endpoint.ts'
import { asProblem, keyOf, type Optional, request, type Target, urlOf } from './request.ts'

/** Poll intervals: every second during a run, else every half minute. */
export const LIVE_MS = 1_000
export const CALM_MS = 30_000

interface FetchOptions<Data> {
  /** Rendered by the server. */
  initial?: Data
  enabled?: boolean
  /** Milliseconds until the next request, possibly based on the last response. `false` disables polling. */
  every?: number | false | ((data: Data | undefined) => number)
  /** Merges the previous response of the same address into an incomplete one. */
  keep?: (before: Data, next: Data) => Data
}

/**
 * Fetches an endpoint and keeps it fresh. While another page or range loads, the previous response stays, with
 * `isPlaceholderData` true.
 */
export function useEndpoint<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  ...[options]: Optional<Target<E> & FetchOptions<ResponseOf<E>>>
) {
  const {
    initial,
    enabled,
    every = CALM_MS,
    keep,
    ...target
  } = (options ?? {}) as Target<E> & FetchOptions<ResponseOf<E>>
  return useQuery<ResponseOf<E>>({
    queryKey: keyOf(endpoint, ...([target] as Optional<Target<E>>)),
    queryFn: ({ signal }) => request(endpoint, target as Target<E>, { signal }),
    refetchInterval: typeof every === 'function' ? (query) => every(query.state.data) : every,
    placeholderData: keepPreviousData,
    // Equal parts keep their identity, so they aren't rendered again.
    structuralSharing: (before, next) =>
      replaceEqualDeep(
        before,
        keep && before !== undefined ? keep(before as ResponseOf<E>, next as ResponseOf<E>) : next,
      ),
    ...(initial === undefined ? {} : { initialData: initial }),
    ...(enabled === undefined ? {} : { enabled }),
  })
}

interface ActionOptions<Data> {
  onDone?: (data: Data) => void
  /** The caller shows problems itself, instead of a notification. */
  quiet?: boolean
  /** Whether to refetch everything on the page afterwards. */
  refresh?: boolean
  /** It ends the session of this browser, and `onDone` leaves the page. */
  endsSession?: boolean
  /** For the few endpoints that take longer than the default. */
  deadlineMs?: number
}

/** The argument of `mutate`: the body, optional if it has no required fields. */
type Variables<E extends Endpoint> =
  undefined extends BodyInputOf<E>
    ? undefined
    : Record<never, never> extends BodyInputOf<E>
      ? BodyInputOf<E> | undefined
      : BodyInputOf<E>

/** Sends a request and refetches the page afterwards. Problems are shown as a notification unless `quiet`. */
export function useAction<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  ...[options]: Optional<Target<E> & ActionOptions<ResponseOf<E>>>
) {
  const {
    onDone,
    quiet = false,
    endsSession = false,
    refresh = !endsSession,
    deadlineMs,
    ...target
  } = (options ?? {}) as Target<E> & ActionOptions<ResponseOf<E>>
  const queryClient = useQueryClient()
  return useMutation<ResponseOf<E>, Error, Variables<E>>({
    mutationKey: [endpoint.method, urlOf(endpoint, target as Target<E>)],
    meta: { endsSession },
    mutationFn: (body) =>
      request(endpoint, target as Target<E>, { body: body as BodyInputOf<E>, ...(deadlineMs ? { deadlineMs } : {}) }),
    onSuccess: (data) => {
      onDone?.(data)
      return refresh ? queryClient.invalidateQueries() : undefined
    },
    onError: (error) => {
      if (quiet) return
      const { message, remedy } = asProblem(error)
      notifications.show({ color: 'rose', title: message, message: remedy })
    },
  })
}
