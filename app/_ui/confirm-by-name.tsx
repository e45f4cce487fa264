'use client'

import { Button, Modal, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { AnswerProblem } from './answers.ts'
import classes from './confirm-by-name.module.css'
import { ProblemText } from './problem.tsx'

interface Props {
  /** On the button that opens the dialog, in its title, and on the button that does it. */
  deed: string
  /** What has to be typed. */
  name: string
  /** What the deed destroys. */
  children: ReactNode
  isSending: boolean
  problem: AnswerProblem | null
  onConfirm: (typed: string) => void
}

/** A deed that destroys: it says what, and happens only after the name was typed. */
export function ConfirmByName({ deed, name, children, isSending, problem, onConfirm }: Props) {
  const [isOpen, { open, close }] = useDisclosure()
  const [typed, setTyped] = useState('')
  const isConfirmed = typed.trim() === name.trim()

  function confirm(event: FormEvent) {
    event.preventDefault()
    if (isConfirmed) onConfirm(typed.trim())
  }

  return (
    <>
      <Button variant="outline" color="rose" onClick={open}>
        {deed}
      </Button>
      <Modal opened={isOpen} onClose={close} title={deed}>
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
            <Button variant="default" onClick={close}>
              Keep everything
            </Button>
            <Button type="submit" color="rose" disabled={!isConfirmed} loading={isSending}>
              {deed}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
