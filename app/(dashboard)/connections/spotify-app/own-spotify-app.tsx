'use client'

import { Link } from '#app/_ui/link.tsx'
import { OwnAppForm } from '#app/_ui/own-app/own-app-form.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { PageHeader } from '#app/_ui/shell/page-header.tsx'
import { SignInButton } from '#app/_ui/sign-in-button.tsx'
import { useEndpoint } from '#app/_ui/use-endpoint.ts'
import classes from '#app/(dashboard)/connections/connections.module.css'
import { Guide } from '#app/setup/guide.tsx'
import { getConnections } from '#lib/api/client.ts'
import type { ConnectionsResponse } from '#lib/api/connections.ts'

const WHY =
  'With your own app you don’t need a place on the operator’s list, and other people’s requests don’t count against yours. You sign in once more through it; your data and history stay as they are.'

function CurrentApp({ spotify, ownApp }: ConnectionsResponse) {
  return (
    <Panel
      title={spotify.isOwnApp ? 'You’re using your own app' : 'You’re using the operator’s app'}
      action={
        spotify.isOwnApp && (
          <SignInButton
            label="Switch to the operator’s app"
            variant="default"
            callbackUrl="/connections"
            fields={{ app: ownApp.instanceApp }}
          />
        )
      }
    >
      <p>
        {spotify.isOwnApp
          ? 'If you replaced its secret on Spotify, enter both again. To use another app, enter that one.'
          : WHY}
      </p>
      {spotify.app && (
        <p className={classes.detail}>
          Current app: <code className={classes.code}>{spotify.app}</code>
        </p>
      )}
    </Panel>
  )
}

/** Sets up the listener's own Spotify app: enter it, check it, sign in through it. */
export function OwnSpotifyApp() {
  const { data, isPending, error, refetch } = useEndpoint(getConnections, { every: false })
  return (
    <>
      <PageHeader title="Your own Spotify app" />
      <p>
        <Link href="/connections">All connections</Link>
      </p>
      {isPending ? (
        <Placeholder height={640} />
      ) : data ? (
        <>
          <CurrentApp {...data} />
          <div className={classes.columns}>
            <OwnAppForm sharable={data.ownApp.sharable} callbackUrl="/connections" />
            <Guide redirectUri={data.ownApp.redirectUri} isOwnApp />
          </div>
        </>
      ) : (
        <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
      )}
    </>
  )
}
