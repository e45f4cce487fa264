'use client'

import { ConfirmByName } from '#app/_ui/confirm-by-name.tsx'
import { useMe } from '#app/_ui/me.tsx'
import { Panel } from '#app/_ui/panel.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { eraseMe } from '#lib/api/client.ts'
import type { EraseReceipt } from '#lib/api/shapes.ts'
import classes from './settings.module.css'

/** The session is over by now: the receipt is shown on a page that needs none. */
function showReceipt({ receipt, erasedAt, postgresRows, landedObjects, warehouseFiles }: EraseReceipt) {
  const rows = Object.values(postgresRows).reduce((sum, count) => sum + count, 0)
  const query = new URLSearchParams({
    receipt,
    at: erasedAt,
    rows: String(rows),
    objects: String(landedObjects),
    files: String(warehouseFiles),
  })
  window.location.assign(`/erased?${query}`)
}

export function ErasePanel() {
  const { name } = useMe()
  const { mutate, isPending, isSuccess, error } = useAction(eraseMe, {
    onDone: showReceipt,
    quiet: true,
    refresh: false,
  })
  return (
    <Panel title="The end">
      <p className={classes.warning}>Deletes your account here and all your data. Spotify itself is not touched.</p>
      <ConfirmByName
        deed="Delete everything"
        name={name}
        isSending={isPending || isSuccess}
        problem={error && asProblem(error)}
        onConfirm={(confirm) => mutate({ confirm })}
      >
        <p>This deletes for good, and nobody can bring it back:</p>
        <ul>
          <li>your account here, its settings and its access to Spotify,</li>
          <li>all runs with their counts and logs,</li>
          <li>every answer of Spotify that was landed,</li>
          <li>your warehouse file with all its tables and their history.</li>
        </ul>
      </ConfirmByName>
    </Panel>
  )
}
