'use client'

import { Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getHealth } from '#lib/api/client.ts'
import classes from './setup.module.css'

const POLL_MS = 1_000

/** Waits until the web process has restarted, which changes its boot id, then goes to the start page. */
export function WaitForRestart() {
  const { data } = useEndpoint(getHealth, { every: POLL_MS })
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
        Saved. The app is restarting with your Spotify app. This takes a few seconds, then you can sign in. If nothing
        happens, open the <a href="/">start page</a>.
      </p>
    </div>
  )
}
