'use client'

import { Button } from '@mantine/core'
import { MessagePage } from './message-page.tsx'

export interface ErrorNoteProps {
  error: Error & { digest?: string }
  reset: () => void
}

/** Replaces a page that failed to render. The digest identifies the log entry. */
export function ErrorNote({ error, reset }: ErrorNoteProps) {
  return (
    <MessagePage title="This page couldn’t be shown">
      <p>
        Something went wrong, but your data is safe. Try again. If it keeps happening, report it
        {error.digest ? ` with the number ${error.digest}` : ''}.
      </p>
      <Button onClick={reset}>Try again</Button>
    </MessagePage>
  )
}
