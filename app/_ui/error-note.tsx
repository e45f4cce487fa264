'use client'

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
      {/* Not Mantine's: every page would load it for this. */}
      <button type="button" onClick={reset}>
        Try again
      </button>
    </MessagePage>
  )
}
