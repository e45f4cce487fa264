'use client'

import { notifications } from '@mantine/notifications'
import { keepPreviousData, replaceEqualDeep, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { BodyInputOf, Endpoint, EndpointAddress, ResponseOf } from '#lib/api/endpoint.ts'
import { asProblem, request, type Target, urlOf } from './request.ts'

/** How often a page fetches again: every second while a run is under way, else every half minute. */
export const LIVE_MS = 1_000
export const CALM_MS = 30_000

/** Optional as long as nothing in it is required. */
type Optional<Options> = Record<never, never> extends Options ? [options?: Options] : [options: Options]

interface FetchOptions<Data> {
  /** What the server knew when it rendered. */
  initial?: Data
  enabled?: boolean
  /** Milliseconds until the next request; may look at the last response. `false`: it does not change by itself. */
  every?: number | false | ((data: Data | undefined) => number)
  /** What of the last response of the same address stays while the next one is still incomplete. */
  keep?: (before: Data, next: Data) => Data
}

/**
 * The response of an endpoint, kept fresh. While another page or range is fetched the previous response stays, with
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
    queryKey: keyOf(endpoint, target as Target<E>),
    queryFn: ({ signal }) => request(endpoint, target as Target<E>, { signal }),
    refetchInterval: typeof every === 'function' ? (query) => every(query.state.data) : every,
    placeholderData: keepPreviousData,
    // What is equal keeps its identity, so that nothing is drawn again for it.
    structuralSharing: (before, next) =>
      replaceEqualDeep(
        before,
        keep && before !== undefined ? keep(before as ResponseOf<E>, next as ResponseOf<E>) : next,
      ),
    ...(initial === undefined ? {} : { initialData: initial }),
    ...(enabled === undefined ? {} : { enabled }),
  })
}

/** By what the cache finds a response. */
export function keyOf<E extends Endpoint>(endpoint: EndpointAddress<E>, ...[target]: Optional<Target<E>>) {
  return ['api', urlOf(endpoint, (target ?? {}) as Target<E>)]
}

interface ActionOptions<Data> {
  onDone?: (data: Data) => void
  /** The caller shows the problem in its own place instead of a notice. */
  quiet?: boolean
  /** Whether everything on the page is fetched again afterwards. */
  refresh?: boolean
}

/** What `mutate` takes: the body, and nothing where nothing is required of it. */
type Variables<E extends Endpoint> =
  undefined extends BodyInputOf<E>
    ? undefined
    : Record<never, never> extends BodyInputOf<E>
      ? BodyInputOf<E> | undefined
      : BodyInputOf<E>

/** The action of a button: sends the body, then the page is fetched again. A problem is shown as a notice unless it is `quiet`. */
export function useAction<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  ...[options]: Optional<Target<E> & ActionOptions<ResponseOf<E>>>
) {
  const {
    onDone,
    quiet = false,
    refresh = true,
    ...target
  } = (options ?? {}) as Target<E> & ActionOptions<ResponseOf<E>>
  const queryClient = useQueryClient()
  return useMutation<ResponseOf<E>, Error, Variables<E>>({
    mutationKey: [endpoint.method, urlOf(endpoint, target as Target<E>)],
    mutationFn: (body) => request(endpoint, target as Target<E>, { body: body as BodyInputOf<E> }),
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
