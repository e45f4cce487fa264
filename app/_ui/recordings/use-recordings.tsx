'use client'

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useMe } from '#app/_ui/me.tsx'
import { asProblem, request } from '#app/_ui/request.ts'
import { chooseRecording, forgetRecording } from '#lib/api/client.ts'
import type { RecordingChoices } from '#lib/api/recordings.ts'
import { MINUTE } from '#lib/core/durations.ts'

interface Recordings {
  /** Songs about which something was decided that the page doesn't show yet. */
  pending: ReadonlySet<string>
  /** Counts a song as another one. */
  join(trackId: string, recordingId: string): void
  /** Counts a song by itself. */
  separate(trackId: string): void
  /** Forgets the choice about a song. */
  forget(trackId: string): void
}

const NOTIFICATION = 'recordings'
const UNDO_MS = MINUTE

/** Decisions about songs that are the same recording. Each can be undone right away. */
export function useRecordings(): Recordings {
  const client = useQueryClient()
  const { isRebuilding } = useMe().counting
  const [pending, setPending] = useState<ReadonlySet<string>>(new Set())
  // The page's data includes the choice, and is refetched right away.
  useEffect(() => {
    if (!isRebuilding) setPending(new Set())
  }, [isRebuilding])

  async function decide(trackId: string, work: () => Promise<RecordingChoices>, done: string) {
    setPending((before) => new Set([...before, trackId]))
    try {
      const { changed } = await work()
      notifications.show({
        id: NOTIFICATION,
        title: done,
        // Time to look at the figures before taking it back.
        autoClose: UNDO_MS,
        message: changed.length > 0 && <UndoButton onClick={() => undo(changed)} />,
      })
    } catch (error) {
      setPending((before) => new Set([...before].filter((id) => id !== trackId)))
      const { message, remedy } = asProblem(error)
      notifications.show({ color: 'rose', title: message, message: remedy })
    }
    await client.invalidateQueries()
  }

  async function undo(changed: RecordingChoices['changed']) {
    notifications.hide(NOTIFICATION)
    try {
      for (const { trackId, before } of changed)
        await (before === null
          ? request(forgetRecording, {}, { body: { trackId } })
          : request(chooseRecording, {}, { body: { trackId, recordingId: before } }))
    } catch (error) {
      const { message, remedy } = asProblem(error)
      notifications.show({ color: 'rose', title: message, message: remedy })
    }
    await client.invalidateQueries()
  }

  const choose = (trackId: string, recordingId: string) => () =>
    request(chooseRecording, {}, { body: { trackId, recordingId } })
  return {
    pending,
    join: (trackId, recordingId) => void decide(trackId, choose(trackId, recordingId), 'Counted together'),
    separate: (trackId) => void decide(trackId, choose(trackId, trackId), 'Counted separately'),
    forget: (trackId) =>
      void decide(trackId, () => request(forgetRecording, {}, { body: { trackId } }), 'Counted by its ISRC again'),
  }
}

function UndoButton({ onClick }: { onClick: () => void }) {
  return (
    <Button variant="default" size="compact-sm" onClick={onClick}>
      Undo
    </Button>
  )
}
