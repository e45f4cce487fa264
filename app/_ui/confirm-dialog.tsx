'use client'

import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { isTyped } from '#lib/core/confirmation.ts'
import classes from './confirm-dialog.module.css'
import { ProblemText } from './problem.tsx'
import type { RequestProblem } from './request.ts'

export interface ConfirmDialogProps {
  /** In the title and on the button that does it. */
  deed: string
  /** What has to be typed. */
  name: string
  /** What the deed destroys. */
  children: ReactNode
  isSending: boolean
  problem: RequestProblem | null
  onConfirm: (typed: string) => void
  onClose: () => void
}

/** Open from the start; nothing happens before the name was typed. */
export function ConfirmDialog({ deed, name, children, isSending, problem, onConfirm, onClose }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('')
  const isConfirmed = isTyped(typed, name)

  function confirm(event: FormEvent) {
    event.preventDefault()
    if (isConfirmed) onConfirm(typed.trim())
  }

  return (
    <Modal opened onClose={onClose} title={deed}>
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
            Keep everything
          </Button>
          <Button type="submit" color="rose" disabled={!isConfirmed} loading={isSending}>
            {deed}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
