'use client'

import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { formatCount, inSentences } from '#app/_ui/format.ts'
import { Moment } from '#app/_ui/moment.tsx'
import { ProblemText } from '#app/_ui/problem.tsx'
import { asProblem } from '#app/_ui/request.ts'
import { StatusIcon, type StatusKind } from '#app/_ui/status-icon.tsx'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { undoImport } from '#lib/api/client.ts'
import type { ImportOverview } from '#lib/api/imports.ts'
import type { ImportState } from '#lib/api/lists.ts'
import classes from './import.module.css'
import { MemberList } from './member-list.tsx'
import { Receipt } from './receipt.tsx'

const STATES: Record<ImportState, { kind: StatusKind; label: string }> = {
  queued: { kind: 'unknown', label: 'waiting' },
  reading: { kind: 'busy', label: 'reading' },
  'needs-answer': { kind: 'waiting', label: 'needs an answer' },
  loading: { kind: 'busy', label: 'adding to charts' },
  done: { kind: 'good', label: 'imported' },
  failed: { kind: 'bad', label: 'failed' },
  cancelled: { kind: 'closed', label: 'canceled' },
  undone: { kind: 'closed', label: 'undone' },
}

const MAX_NAMES = 3

/** The names of the uploaded files, or the first ones. */
export function ImportNames({ names }: { names: string[] }) {
  const others = names.length - MAX_NAMES
  return (
    <p className={classes.names}>
      <bdi>{names.slice(0, MAX_NAMES).join(', ')}</bdi>
      {others > 0 && ` and ${formatCount(others, 'other')}`}
    </p>
  )
}

/** A finished import with its receipt. */
export function ImportItem({ one, mayUndo }: { one: ImportOverview; mayUndo: boolean }) {
  const { kind, label } = STATES[one.state]
  return (
    <li>
      <div className={classes.itemHead}>
        <ImportNames names={one.names} />
        <span className={classes.dimmed}>
          <Moment at={one.createdAt} />
        </span>
        <StatusIcon kind={kind} label={label} />
        {one.state === 'done' && <UndoButton one={one} disabled={!mayUndo} />}
      </div>
      {one.problem && <p>{inSentences(one.problem, one.remedy)}</p>}
      {one.read > 0 && (one.state === 'done' || one.state === 'undone') && <Receipt one={one} />}
      {one.state !== 'cancelled' && <MemberList id={one.id} />}
    </li>
  )
}

function UndoButton({ one, disabled }: { one: ImportOverview; disabled: boolean }) {
  const [isOpen, setOpen] = useState(false)
  const { mutate, isPending, error } = useAction(undoImport, {
    params: { id: one.id },
    quiet: true,
    onDone: () => setOpen(false),
  })
  return (
    <>
      <Button variant="default" size="xs" disabled={disabled} onClick={() => setOpen(true)}>
        Undo
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Undo this import?">
        <div className={classes.dialog}>
          <p>
            This removes what it added from your charts and tables, including your Snowflake if you connected one. What
            came from syncs and other imports stays. You can import the same again.
          </p>
          {error && <ProblemText problem={asProblem(error)} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button color="rose" loading={isPending} onClick={() => mutate(undefined)}>
              Undo import
            </Button>
          </div>
        </div>
      </Modal>
    </>
  )
}
