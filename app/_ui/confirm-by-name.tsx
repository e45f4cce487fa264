'use client'

import { Button, type ButtonProps } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import dynamic from 'next/dynamic'
import type { ConfirmDialogProps } from './confirm-dialog.tsx'

const ConfirmDialog = dynamic(() => import('./confirm-dialog.tsx').then((module) => module.ConfirmDialog))

/** A destructive action: its button opens a dialog that names what is destroyed and wants the name typed. */
export function ConfirmByName({ size, ...props }: Omit<ConfirmDialogProps, 'onClose'> & Pick<ButtonProps, 'size'>) {
  const [isOpen, { open, close }] = useDisclosure()
  return (
    <>
      <Button variant="outline" color="rose" size={size} onClick={open}>
        {props.action}
      </Button>
      {isOpen && <ConfirmDialog {...props} onClose={close} />}
    </>
  )
}
