'use client'

import { Button } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Bar } from '#app/_ui/bar.tsx'
import { formatBytes, formatCount, formatTimeLeft } from '#app/_ui/format.ts'
import { ImportIcon } from '#app/_ui/icons.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem, RequestProblem } from '#app/_ui/request.ts'
import { MAX_UPLOAD } from '#lib/api/limits.ts'
import classes from './import.module.css'
import { type Upload, upload } from './upload.ts'

const MB = 1024 * 1024

interface Progress {
  sent: number
  total: number
  secondsLeft: number | null
}

/** Takes files by drag and drop or by a dialog, and uploads them. */
export function UploadArea() {
  const queries = useQueryClient()
  const running = useRef<Upload | null>(null)
  const openDialog = useRef<() => void>(null)
  const [progress, setProgress] = useState<Progress | null>(null)
  const [problem, setProblem] = useState<RequestProblem | null>(null)

  async function send(files: File[]) {
    setProblem(problemOf(files))
    if (problemOf(files)) return
    setProgress({ sent: 0, total: files.reduce((all, { size }) => all + size, 0), secondsLeft: null })
    try {
      running.current = upload(files, setProgress)
      await running.current.done
      await queries.invalidateQueries()
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      running.current = null
      setProgress(null)
    }
  }

  useLeaveWarning(progress !== null)
  return (
    <Panel title="Bring in your history">
      {progress ? (
        <Uploading progress={progress} onCancel={() => running.current?.cancel()} />
      ) : (
        <Dropzone
          onDrop={send}
          openRef={openDialog}
          // The button opens the dialog.
          activateOnClick={false}
          activateOnKeyboard={false}
          multiple
          className={classes.zone ?? ''}
          inputProps={{ 'aria-label': 'Files to import' }}
        >
          <div className={classes.zoneContent}>
            <ImportIcon size={32} />
            <p className={classes.zoneTitle}>Drop the zip that Spotify sent you here</p>
            <p className={classes.dimmed}>
              Zips or the files in them, unchanged, up to {MAX_UPLOAD.megabytes} MB at a time.
            </p>
            <Button onClick={() => openDialog.current?.()}>Choose files</Button>
          </div>
        </Dropzone>
      )}
      {problem && <ProblemText problem={problem} />}
    </Panel>
  )
}

function Uploading({ progress, onCancel }: { progress: Progress; onCancel: () => void }) {
  const { sent, total, secondsLeft } = progress
  const percent = total > 0 ? Math.min(100, Math.floor((100 * sent) / total)) : null
  const text = `${formatBytes(sent)} of ${formatBytes(total)}`
  return (
    <div className={classes.progress}>
      <p className={classes.progressTitle}>Uploading{percent === null ? '' : `, ${percent}%`}</p>
      <Bar label="Upload" percent={percent} text={text} />
      <p className={classes.dimmed}>
        {text}
        {secondsLeft !== null && ` · ${formatTimeLeft(secondsLeft)}`} · Keep this page open until the upload is done.
      </p>
      <Button variant="default" size="xs" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  )
}

/** Has the browser confirm before leaving the page, which would end the upload. */
function useLeaveWarning(isActive: boolean) {
  useEffect(() => {
    if (!isActive) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [isActive])
}

/** What the server would refuse, before anything is sent. */
function problemOf(files: File[]): RequestProblem | null {
  const bytes = files.reduce((all, { size }) => all + size, 0)
  if (files.length > MAX_UPLOAD.files)
    return new RequestProblem(
      400,
      `That’s ${formatCount(files.length, 'file')}, but an import can have at most ${MAX_UPLOAD.files}.`,
      'Choose the original zip, or upload fewer files at a time.',
    )
  if (bytes <= MAX_UPLOAD.megabytes * MB) return null
  return new RequestProblem(
    413,
    `That’s ${formatBytes(bytes)}, but an import can have at most ${MAX_UPLOAD.megabytes} MB.`,
    'Choose fewer files at a time.',
  )
}
