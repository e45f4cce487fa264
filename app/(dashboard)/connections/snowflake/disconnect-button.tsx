'use client'

import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import dynamic from 'next/dynamic'
import type { SnowflakeResponse } from '#lib/api/warehouse.ts'

const DisconnectDialog = dynamic(() => import('./disconnect-dialog.tsx').then((module) => module.DisconnectDialog))

/** Opens the dialog that asks what to do with the tables. */
export function DisconnectButton({ warehouse }: { warehouse: SnowflakeResponse }) {
  const [isOpen, { open, close }] = useDisclosure()
  return (
    <>
      <Button variant="outline" color="rose" onClick={open}>
        Disconnect Snowflake
      </Button>
      {isOpen && <DisconnectDialog warehouse={warehouse} onClose={close} />}
    </>
  )
}
