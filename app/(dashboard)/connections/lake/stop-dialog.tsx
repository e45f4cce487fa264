'use client'

import { Button, Checkbox, Modal } from '@mantine/core'
import { useState } from 'react'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { removeLake } from '#lib/api/client.ts'
import type { LakeResponse } from '#lib/api/lake.ts'
import classes from './lake.module.css'

/** Ends publications, and asks about the objects in the bucket. */
export function StopDialog({ lake: { bucket }, onClose }: { lake: LakeResponse; onClose: () => void }) {
  const [objects, setObjects] = useState(false)
  const { mutate, isPending, error } = useAction(removeLake, { quiet: true, onDone: onClose })
  return (
    <Modal opened onClose={onClose} title="Stop publishing">
      <div className={classes.stack}>
        <p>
          The folder with the files is deleted
          {bucket ? `, and Tracklake forgets the bucket ${bucket.name} and its key` : ''}. Your tables stay: all pages
          read Tracklake’s own copy.
        </p>
        {bucket && (
          <Checkbox
            label="Also delete what was published to the bucket"
            description="With earlier versions. Other objects in the bucket stay."
            checked={objects}
            onChange={({ currentTarget }) => setObjects(currentTarget.checked)}
          />
        )}
        {error && <ProblemText problem={asProblem(error)} />}
        <div className={classes.end}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="rose" loading={isPending} onClick={() => mutate({ objects })}>
            Stop publishing
          </Button>
        </div>
      </div>
    </Modal>
  )
}
