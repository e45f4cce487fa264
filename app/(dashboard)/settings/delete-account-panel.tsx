'use client'

import { ConfirmByName } from '#app/_ui/confirm-by-name.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { eraseMe } from '#lib/api/client.ts'
import type { EraseReceipt } from '#lib/api/shapes.ts'
import classes from './settings.module.css'

/** The session has ended by now, so the receipt is on a public page. */
function showReceipt({ receipt, erasedAt, postgresRows, landedObjects, warehouseFiles, published }: EraseReceipt) {
  const rows = Object.values(postgresRows).reduce((sum, count) => sum + count, 0)
  const query = new URLSearchParams({
    receipt,
    at: erasedAt,
    rows: String(rows),
    objects: String(landedObjects),
    files: String(warehouseFiles),
    published: String(published.files),
    deleted: String(published.objects + published.versions),
    left: String(published.left),
  })
  window.location.assign(`/erased?${query}`)
}

export function DeleteAccountPanel() {
  const { name } = useMe()
  const { mutate, isPending, isSuccess, error } = useAction(eraseMe, {
    onDone: showReceipt,
    quiet: true,
    endsSession: true,
  })
  return (
    <Panel title="Delete account">
      <p className={classes.warning}>
        Deletes your account here and all your data. Your Spotify account isn’t affected.
      </p>
      <ConfirmByName
        action="Delete account"
        name={name}
        isSending={isPending || isSuccess}
        problem={error && asProblem(error)}
        onConfirm={(confirm) => mutate({ confirm })}
      >
        <p>This permanently deletes:</p>
        <ul>
          <li>your account here, its settings and its access to Spotify,</li>
          <li>all syncs with their counts and logs,</li>
          <li>every stored response from Spotify,</li>
          <li>your built-in warehouse with all its tables and their history.</li>
        </ul>
      </ConfirmByName>
    </Panel>
  )
}
