import { isValidElement } from 'react'
import { expect, test } from 'vitest'
import { getRun } from '#lib/api/client.ts'
import { Prefetched, prefetch } from './prefetched.tsx'

const params = { id: 'a run' }

test('what the server cannot load is left to the browser, and the page still renders', async () => {
  const response = prefetch(
    getRun,
    async () => {
      throw new Error('the warehouse file is in use')
    },
    { params },
  )
  const page = await Prefetched({ responses: [response], children: 'panels' })
  expect(await response).toBeNull()
  expect(isValidElement<{ children: string; state: { queries: unknown[] } }>(page) && page.props).toMatchObject({
    children: 'panels',
    state: { queries: [] },
  })
})
