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
  /** Client id, of another app than the listener's. */
  app?: string
}

/** Why nothing is asked through a Spotify app, and the button that looks whether that is over. */
export function LookNow({ paused, app }: Props) {
  const { mutate, data, isPending } = useAction(probeApp)
  return (
    <div className={classes.paused}>
      <p>
        {inSentences(paused.problem)} Nothing is fetched through this app since <Moment at={paused.since} />; what you
        have stays.{' '}
        {paused.nextLookAt && (
          <>
            The next look is <Moment at={paused.nextLookAt} />.
          </>
        )}
        {data && !data.answers && ' Spotify still refuses; a new subscription counts after some hours.'}
      </p>
      <Button size="xs" variant="default" loading={isPending} onClick={() => mutate(app ? { app } : {})}>
        Look now
      </Button>
    </div>
  )
}
