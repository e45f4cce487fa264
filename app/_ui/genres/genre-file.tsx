'use client'

import { Button, FileButton } from '@mantine/core'
import { useState } from 'react'
import { formatNumber } from '#app/_ui/format.ts'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { importGenres } from '#lib/api/client.ts'
import type { GenresImport } from '#lib/api/genres.ts'
import { MAX_GENRES_FILE_BYTES } from '#lib/api/limits.ts'
import classes from './genre-editor.module.css'

const PARTS: [keyof GenresImport, string][] = [
  ['saved', 'saved'],
  ['unchanged', 'unchanged'],
  ['withoutGenre', 'without genre'],
  ['unknown', 'not among your artists'],
  ['invalid', 'invalid'],
]

const receiptOf = (counts: GenresImport) =>
  `${PARTS.filter(([part]) => counts[part] > 0)
    .map(([part, text]) => `${formatNumber(counts[part])} ${text}`)
    .join(', ')}.`

/** Downloads all artists with their genres as CSV, and adds the genres of such a file to the listener's own. */
export function GenreFile() {
  const [tooLarge, setTooLarge] = useState(false)
  const action = useAction(importGenres, { quiet: true, deadlineMs: 60_000 })
  const problem = action.error ? asProblem(action.error) : null
  const send = async (file: File | null) => {
    if (!file) return
    setTooLarge(file.size > MAX_GENRES_FILE_BYTES / 2)
    if (file.size <= MAX_GENRES_FILE_BYTES / 2) action.mutate({ csv: await file.text() })
  }
  return (
    <>
      <div className={classes.actions}>
        <Button component="a" href="/api/genres/file" download variant="default" size="compact-sm">
          Download CSV
        </Button>
        <FileButton accept=".csv,.tsv,text/csv" onChange={send}>
          {(button) => (
            <Button {...button} variant="default" size="compact-sm" loading={action.isPending}>
              Upload CSV
            </Button>
          )}
        </FileButton>
      </div>
      <p role="status">
        {tooLarge
          ? `The file is larger than ${MAX_GENRES_FILE_BYTES / 2 / 1024 / 1024} MB. Split it and upload the parts.`
          : problem
            ? `${problem.message}. ${problem.remedy}`
            : action.data && receiptOf(action.data)}
      </p>
    </>
  )
}
