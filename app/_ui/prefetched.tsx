import { dehydrate, HydrationBoundary, QueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Endpoint, EndpointAddress, ResponseOf } from '#lib/api/endpoint.ts'
import { keyOf, type Optional, type Target } from './request.ts'

/** A response that the server already knows, under the key by which `useEndpoint` looks for it. */
interface Prefetch {
  key: readonly unknown[]
  data: unknown
}

/** @param target params and query exactly as the component passes them to `useEndpoint` */
export function prefetch<E extends Endpoint>(
  endpoint: EndpointAddress<E>,
  data: ResponseOf<E>,
  ...target: Optional<Target<E>>
): Prefetch {
  return { key: keyOf(endpoint, ...target), data }
}

/** Fills the browser's cache, so that a page arrives with its data and fetches nothing at first. */
export function Prefetched({ responses, children }: { responses: Prefetch[]; children: ReactNode }) {
  const client = new QueryClient()
  for (const { key, data } of responses) client.setQueryData(key, data)
  return <HydrationBoundary state={dehydrate(client)}>{children}</HydrationBoundary>
}
