'use client'

import { Button } from '@mantine/core'
import { MessagePage } from './message-page.tsx'

export interface ErrorNoteProps {
  error: Error & { digest?: string }
  reset: () => void
}

/** In place of a page that could not be put together. The digest names the entry in the log. */
export function ErrorNote({ error, reset }: ErrorNoteProps) {
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
