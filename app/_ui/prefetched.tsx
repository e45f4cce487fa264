import { dehydrate, HydrationBoundary, QueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Endpoint, EndpointAddress, ResponseOf } from '#lib/api/endpoint.ts'
import { keyOf, type Optional, type Target } from './request.ts'

/** A response under the key by which `useEndpoint` finds it. */
interface Prefetch {
  key: readonly unknown[]
  data: unknown
}

/**
 * Loads a response while the page is rendered. If that fails, the browser fetches it itself, and the panel shows the
 * problem with its remedy instead of the whole page failing.
 * @param target params and query exactly as the component passes them to `useEndpoint`
 */
export async function prefetch<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  load: () => Promise<ResponseOf<E>>,
  ...target: Optional<Target<E>>
): Promise<Prefetch | null> {
  try {
    return { key: keyOf(endpoint, ...target), data: await load() }
  } catch {
    return null
  }
}

/** Fills the browser's cache, so that a page arrives with its data and fetches nothing at first. */
export async function Prefetched({
  responses,
  children,
}: {
  responses: Promise<Prefetch | null>[]
  children: ReactNode
}) {
  const client = new QueryClient()
  for (const response of await Promise.all(responses)) if (response) client.setQueryData(response.key, response.data)
  return <HydrationBoundary state={dehydrate(client)}>{children}</HydrationBoundary>
}
