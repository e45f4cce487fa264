'use client'

import { Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getHealth } from '#lib/api/client.ts'
import classes from './setup.module.css'

const ASK_EVERY_MS = 1_000

/** The web process starts again in real mode: its boot id changes. Then the way leads to the sign-in. */
export function WaitForRestart() {
  const { data } = useEndpoint(getHealth, { every: ASK_EVERY_MS })
  const [before, setBefore] = useState<string | null>(null)
  const bootId = data?.bootId
  useEffect(() => {
    if (!bootId) return
    if (before === null) setBefore(bootId)
    else if (bootId !== before) window.location.assign('/')
  }, [bootId, before])
  return (
    <div className={classes.waiting} role="status">
      <Loader size="sm" />
      <p>
        Saved. The app restarts with your Spotify app, which takes some seconds; then you can sign in. If this page
        stays, open the <a href="/">start page</a>.
      </p>
    </div>
  )
}
