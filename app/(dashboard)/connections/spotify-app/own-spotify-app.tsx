'use client'

import Link from 'next/link'
import { PageTop } from '#app/_ui/frame/page-top.tsx'
import { OwnAppForm } from '#app/_ui/own-app/own-app-form.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemFace } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import classes from '#app/(dashboard)/connections/connections.module.css'
import { Guide } from '#app/setup/guide.tsx'
import { getConnections } from '#lib/api/client.ts'
import type { ConnectionsResponse } from '#lib/api/connections.ts'

const WHY =
  'With an app of your own you need no place on the operator’s list, and the requests of others do not count against yours. You sign in once more through it; your data, history and runs stay as they are.'

function Now({ spotify, ownApp }: ConnectionsResponse) {
  return (
    <Panel
      title={spotify.isOwnApp ? 'You use an app of your own' : 'You use the operator’s app'}
      action={
        spotify.isOwnApp && (
          <SignInButton
            word="Back to the operator’s app"
            variant="default"
            callbackUrl="/connections"
            fields={{ app: ownApp.instanceApp }}
          />
        )
      }
    >
      <p>
        {spotify.isOwnApp ? 'Its secret was replaced on Spotify? Enter both again. Another app? Enter that one.' : WHY}
      </p>
      {spotify.app && (
        <p className={classes.detail}>
          Now: <code className={classes.code}>{spotify.app}</code>
        </p>
      )}
    </Panel>
  )
}

/** A Spotify app of the listener's own: entered, checked, and signed in through. */
export function OwnSpotifyApp() {
  const { data, isPending, error, refetch } = useEndpoint(getConnections, { every: false })
  return (
    <>
      <PageTop title="A Spotify app of your own" />
      <p>
        <Link href="/connections">All connections</Link>
      </p>
      {isPending ? (
        <Placeholder height={640} />
      ) : data ? (
        <>
          <Now {...data} />
          <div className={classes.columns}>
            <OwnAppForm sharable={data.ownApp.sharable} callbackUrl="/connections" />
            <Guide redirectUri={data.ownApp.redirectUri} isForOneself />
          </div>
        </>
      ) : (
        <ProblemFace problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </>
  )
}
