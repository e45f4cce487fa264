'use client'

import { useState } from 'react'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import { getSetup } from '#lib/api/client.ts'
import type { SetupResponse, SetupResult } from '#lib/api/spotify-app.ts'
import { Guide } from './guide.tsx'
import classes from './setup.module.css'
import { SetupForm } from './setup-form.tsx'
import { StepList } from './step-list.tsx'
import { WaitForRestart } from './wait-for-restart.tsx'

const REGISTER = 0
const CHECK = 1
const SAVE = 2

function stepOf(result: SetupResult | null): number {
  if (result?.saved) return SAVE + 1
  if (result?.checks.every(({ ok }) => ok)) return SAVE
  return result ? CHECK : REGISTER
}

function Steps({ setup }: { setup: SetupResponse }) {
  const [result, setResult] = useState<SetupResult | null>(null)
  return (
    <div className={classes.page}>
      <h1>Use your own Spotify app</h1>
      <p className={classes.lead}>
        {setup.mode === 'demo'
          ? 'This is the demo with a simulated Spotify. With your own Spotify app you see your own music, starting empty.'
          : setup.clientId
            ? 'Tracklake is connected to Spotify through this app.'
            : 'Tracklake needs a Spotify app before anyone can sign in.'}
      </p>
      <StepList steps={['Register an app', 'Check', 'Switch']} active={stepOf(result)} />
      {result?.saved ? (
        <WaitForRestart />
      ) : (
        <div className={classes.columns}>
          <SetupForm setup={setup} result={result} onResult={setResult} />
          <Guide redirectUri={setup.redirectUri} />
        </div>
      )}
    </div>
  )
}

/** Switches from the demo to a real Spotify app. */
export function Setup() {
  const { data, isPending, error, refetch } = useEndpoint(getSetup, { every: false })
  if (isPending) return <Placeholder height={480} />
  if (data) return <Steps setup={data} />
  return <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
}
