'use client'

import { Button } from '@mantine/core'
import { asProblem } from '#app/_ui/answers.ts'
import { ConfirmByName } from '#app/_ui/confirm-by-name.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { useSend } from '#app/_ui/use-answer.ts'
import type { AdminListenersAnswer } from '#lib/api/answers.ts'
import classes from './admin.module.css'

type AdminListener = AdminListenersAnswer['listeners'][number]

interface Change {
  suspended?: boolean
  isAdmin?: boolean
}

function Remove({ listener: { id, name } }: { listener: AdminListener }) {
  const { mutate, isPending, isSuccess, error } = useSend<unknown, { confirm: string }>(
    'DELETE',
    `/api/admin/listeners/${id}`,
    { quiet: true },
  )
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
        <li>the account of {name} here, and access to their Spotify account,</li>
        <li>all their runs, landed responses, and their warehouse file with its history.</li>
      </ul>
      <p>Suspending also stops everything, but keeps the data.</p>
    </ConfirmByName>
  )
}

/** What an admin may do to a listener. Admins can't suspend or remove themselves. */
export function ListenerActions({ listener, adminsAreSet }: { listener: AdminListener; adminsAreSet: boolean }) {
  const { id: self } = useMe()
  const { mutate, isPending } = useSend<unknown, Change>('PUT', `/api/admin/listeners/${listener.id}`)
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
