'use client'

import { Button } from '@mantine/core'
import { Moment } from '#app/_ui/moment.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { Placeholder } from '#app/_ui/placeholder.tsx'
import { ProblemPanel } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction, useEndpoint } from '#app/_ui/use-endpoint.ts'
import { endSession, endSessions, getSessions } from '#lib/api/client.ts'
import type { SignedInBrowser } from '#lib/api/sessions.ts'
import classes from './tokens.module.css'

/** By then this browser's session has ended. */
const leave = () => window.location.assign('/sign-out')

function Browser({ browser }: { browser: SignedInBrowser }) {
  const { id, device, signedInAt, lastSeenAt, isCurrent } = browser
  const { mutate, isPending } = useAction(endSession, {
    params: { id },
    ...(isCurrent ? { onDone: leave, endsSession: true } : {}),
  })
  const name = device ?? 'Unknown browser'
  return (
    <li>
      <div>
        <h3>{name}</h3>
        {isCurrent && <p className={classes.dimmed}>This browser</p>}
      </div>
      <span className={classes.dimmed}>
        signed in <Moment at={signedInAt} />
      </span>
      <span className={classes.dimmed}>
        {isCurrent ? (
          'active now'
        ) : (
          <>
            active <Moment at={lastSeenAt} />
          </>
        )}
      </span>
      <Button
        variant="default"
        size="xs"
        loading={isPending}
        aria-label={`Sign out ${name}${isCurrent ? ', this browser' : ''}`}
        onClick={() => mutate()}
      >
        Sign out
      </Button>
    </li>
  )
}

/** Lists the browsers that the listener is signed in with. */
export function SessionsPanel() {
  const { data, isPending, error, refetch } = useEndpoint(getSessions)
  const everywhere = useAction(endSessions, { onDone: leave, endsSession: true })
  return (
    <Panel
      title="Signed-in browsers"
      id="sessions"
      action={
        <Button
          variant="default"
          size="xs"
          loading={everywhere.isPending || everywhere.isSuccess}
          onClick={() => everywhere.mutate()}
        >
          Sign out everywhere
        </Button>
      }
    >
      <div className={classes.stack}>
        <p className={classes.dimmed}>
          You stay signed in for 30 days. “Sign out everywhere” includes this browser; API tokens keep working.
        </p>
        {isPending ? (
          <Placeholder height={120} />
        ) : data ? (
          <ul className={classes.tokens}>
            {data.sessions.map((browser) => (
              <Browser key={browser.id} browser={browser} />
            ))}
          </ul>
        ) : (
          <ProblemPanel problem={asProblem(error)} onRetry={() => refetch()} />
        )}
      </div>
    </Panel>
  )
}
