'use client'

import { ErrorNote, type ErrorNoteProps } from './_ui/error-note.tsx'

export default function RootError(props: ErrorNoteProps) {
  return (
    <main>
      <ErrorNote {...props} />
    </main>
  )
}
