'use client'

import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import dynamic from 'next/dynamic'
import type { ConfirmDialogProps } from './confirm-dialog.tsx'

const ConfirmDialog = dynamic(() => import('./confirm-dialog.tsx').then((module) => module.ConfirmDialog))

/** A deed that destroys: its button opens a dialog that says what, and wants the name typed. */
export function ConfirmByName(props: Omit<ConfirmDialogProps, 'onClose'>) {
  const [isOpen, { open, close }] = useDisclosure()
  return (
    <>
      <Button variant="outline" color="rose" onClick={open}>
        {props.deed}
      </Button>
      {isOpen && <ConfirmDialog {...props} onClose={close} />}
    </>
  )
}
