'use client'

import { Button } from '@mantine/core'
import { MessagePage } from '../_ui/message-page.tsx'

export default function DashboardError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <MessagePage title="This page could not be shown">
      <p>
        Something went wrong while it was put together. Your data is untouched. Try again; if it stays, report it
        {error.digest ? ` with the number ${error.digest}` : ''}.
      </p>
      <Button onClick={reset}>Try again</Button>
    </MessagePage>
  )
}
