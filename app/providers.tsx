'use client'

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { RequestProblem } from './_ui/request.ts'
import { theme, variables } from './theme.ts'

function makeQueryClient(): QueryClient {
  const queryClient: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      // The session ended while the page was open: sign in again.
      onError: (problem) => {
        if (problem instanceof RequestProblem && problem.status === 401 && !isLeaving(queryClient)) {
          window.location.assign('/')
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, problem) => failures < 2 && !(problem instanceof RequestProblem && problem.status < 500),
      },
    },
  })
  return queryClient
}

/**
 * True once the listener has started to sign out or to delete their account. Requests of the page then fail too, but what
 * the listener did decides which page comes next.
 */
function isLeaving(queryClient: QueryClient): boolean {
  return queryClient
    .getMutationCache()
    .getAll()
    .some(({ meta, state }) => meta?.endsSession && (state.status === 'pending' || state.status === 'success'))
}

/** @param nonce of this response's Content Security Policy, for the style elements that Mantine adds */
export function Providers({ nonce, children }: { nonce: string; children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient)
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
      <Notifications position="bottom-right" />
    </MantineProvider>
  )
}
