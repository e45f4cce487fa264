'use client'

import { Button } from '@mantine/core'
import { ConfirmByName } from '#app/_ui/confirm-by-name.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import type { AdminListener } from '#lib/api/admin.ts'
import { changeListener, removeListener } from '#lib/api/client.ts'
import classes from './admin.module.css'

function Remove({ listener: { id, name } }: { listener: AdminListener }) {
  const { mutate, isPending, isSuccess, error } = useAction(removeListener, { params: { id }, quiet: true })
  return (
    <ConfirmByName
      action="Remove"
      size="compact-xs"
      name={name}
      isSending={isPending || isSuccess}
      problem={error && asProblem(error)}
      onConfirm={(confirm) => mutate({ confirm })}
    >
      <p>This permanently deletes:</p>
      <ul>
        <li>{name}’s Tracklake account and its access to Spotify,</li>
        <li>all their syncs, stored responses, and their warehouse file with its history.</li>
      </ul>
      <p>To stop their syncs but keep their data, suspend them instead.</p>
    </ConfirmByName>
  )
}

/** What an admin may do to a listener. Admins can't suspend or remove themselves. */
export function ListenerActions({ listener, adminsAreSet }: { listener: AdminListener; adminsAreSet: boolean }) {
  const { id: self } = useMe()
  const { mutate, isPending } = useAction(changeListener, { params: { id: listener.id } })
  const { isAdmin, suspendedAt } = listener
  return (
    <div className={classes.actions}>
      {listener.id !== self && (
        <Button
          size="compact-xs"
          variant="default"
          disabled={isPending}
          onClick={() => mutate({ suspended: !suspendedAt })}
        >
          {suspendedAt ? 'Resume' : 'Suspend'}
        </Button>
      )}
      {!adminsAreSet && (
        <Button size="compact-xs" variant="default" disabled={isPending} onClick={() => mutate({ isAdmin: !isAdmin })}>
          {isAdmin ? 'Remove admin' : 'Make admin'}
        </Button>
      )}
      {listener.id !== self && <Remove listener={listener} />}
    </div>
  )
}
