'use client'

import { ErrorNote, type ErrorNoteProps } from './_ui/error-note.tsx'
import { PublicPage } from './_ui/public-page.tsx'

export default function RootError(props: ErrorNoteProps) {
  return (
    <PublicPage>
      <ErrorNote {...props} />
    </PublicPage>
  )
}
