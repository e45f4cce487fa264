'use client'

import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { isTyped } from '#lib/core/confirmation.ts'
import classes from './confirm-dialog.module.css'
import { ProblemText } from './problem.tsx'
import type { RequestProblem } from './request.ts'

export interface ConfirmDialogProps {
  /** Title of the dialog and label of its button. */
  action: string
  /** The name to type. */
  name: string
  /** What is destroyed. */
  children: ReactNode
  isSending: boolean
  problem: RequestProblem | null
  onConfirm: (typed: string) => void
  onClose: () => void
}

/** Confirms a destructive action by typing a name. */
export function ConfirmDialog({ action, name, children, isSending, problem, onConfirm, onClose }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('')
  const isConfirmed = isTyped(typed, name)

  function confirm(event: FormEvent) {
    event.preventDefault()
    if (isConfirmed) onConfirm(typed.trim())
  }

  return (
    <Modal opened onClose={onClose} title={action}>
      <form onSubmit={confirm} className={classes.form}>
        {children}
        <TextInput
          label={`Type "${name}" to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        {problem && <ProblemText problem={problem} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="rose" disabled={!isConfirmed} loading={isSending}>
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
