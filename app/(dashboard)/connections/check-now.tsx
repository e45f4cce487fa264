'use client'

import { Button } from '@mantine/core'
import { inSentences } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { probeApp } from '#lib/api/client.ts'
import type { PausedApp } from '#lib/api/shapes.ts'
import classes from './connections.module.css'

interface Props {
  paused: PausedApp
  /** Client id, if it isn't the listener's current app. */
  app?: string
}

/** Why a Spotify app is paused, with a button that checks whether it works again. */
export function CheckNow({ paused, app }: Props) {
  const { mutate, data, isPending } = useAction(probeApp)
  return (
    <div className={classes.paused}>
      <p>
        {inSentences(paused.problem)} Nothing has been synced through this app since{' '}
        <Moment at={paused.since} as="exact" />; your data stays.{' '}
        {paused.nextLookAt && (
          <>
            The next check is <Moment at={paused.nextLookAt} />.
          </>
        )}
        {data &&
          !data.answers &&
          ' Spotify still refuses requests. A renewed subscription can take a few hours to count.'}
      </p>
      <Button size="xs" variant="default" loading={isPending} onClick={() => mutate(app ? { app } : {})}>
        Check now
      </Button>
    </div>
  )
}
