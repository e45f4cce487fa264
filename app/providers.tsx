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
      // The session ended while the page stood open: sign in again. Deleting everything ends it too, but shows a receipt.
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

/** Whether everything of the listener is being deleted, or was. */
function isErasing(queryClient: QueryClient): boolean {
  const deeds = queryClient.getMutationCache().findAll({ mutationKey: ['POST', '/api/erase'] })
  return deeds.some(({ state }) => state.status === 'pending' || state.status === 'success')
}

/** @param nonce of the Content Security Policy of this answer, for the style elements that Mantine adds */
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
