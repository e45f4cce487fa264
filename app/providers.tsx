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
      // The session ended while the page was open: sign in again. Deleting the account also ends it, but shows a receipt.
      onError: (problem) => {
        if (problem instanceof RequestProblem && problem.status === 401 && !isErasing(queryClient)) {
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

/** True once the listener has started to delete their account. */
function isErasing(queryClient: QueryClient): boolean {
  const mutations = queryClient.getMutationCache().findAll({ mutationKey: ['POST', '/api/erase'] })
  return mutations.some(({ state }) => state.status === 'pending' || state.status === 'success')
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
