'use client'

import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { CopyableScript } from '#app/_ui/copyable.tsx'
import { Link } from '#app/_ui/link.tsx'
import { keyOf } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { deleteQuery, getQueries, saveQuery } from '#lib/api/client.ts'
import type { SavedQuery } from '#lib/api/sql.ts'
import { scriptFor } from './script.ts'
import classes from './sql.module.css'

const NOTIFICATION = 'query-deleted'
/** Time to notice that it was the wrong one. */
const UNDO_MS = 10_000

/** How scripts call the opened query, and its end. */
export function OpenedQuery({ query, onDeleted }: { query: SavedQuery; onDeleted: () => void }) {
  const { id, name, description, sql } = query
  const origin = useOrigin()
  const restore = useAction(saveQuery, {
    onDone: () => notifications.show({ id: NOTIFICATION, title: `“${name}” is back`, message: '' }),
  })
  const client = useQueryClient()
  const remove = useAction(deleteQuery, {
    onDone(remaining) {
      client.setQueryData(keyOf(getQueries), remaining)
      onDeleted()
      notifications.show({
        id: NOTIFICATION,
        title: `“${name}” deleted`,
        autoClose: UNDO_MS,
        message: (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => {
              notifications.hide(NOTIFICATION)
              restore.mutate({ name, description, sql })
            }}
          >
            Undo
          </Button>
        ),
      })
    },
  })
  return (
    <div className={classes.opened}>
      <details className={classes.details}>
        <summary>Call it from a script</summary>
        <p>
          It needs an API token with the permission “Run saved queries”, from{' '}
          <Link href="/settings#tokens">Settings</Link>. Add <code>-d format=csv</code>, <code>json</code> or{' '}
          <code>parquet</code> for a file with all rows.
        </p>
        <CopyableScript label="Command for a terminal" button="Copy command" text={scriptFor(origin, query)} />
      </details>
      <Button
        variant="default"
        size="compact-sm"
        loading={remove.isPending}
        aria-label={`Delete ${name}`}
        onClick={() => remove.mutate({ id })}
      >
        Delete
      </Button>
    </div>
  )
}

const never = () => () => {}

/** Empty on the server, which doesn't know it. */
function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => window.location.origin,
    () => '',
  )
}
