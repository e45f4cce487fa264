'use client'

import { Button, Group, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { forgetQuota } from '#lib/api/client.ts'

/** Resets what was learned about an account's limits, in case a refusal taught something wrong. */
export function ForgetButton({ account }: { account: string }) {
  const [isOpen, { open, close }] = useDisclosure()
  const { mutate, isPending } = useAction(forgetQuota, { onDone: close })
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        Reset learned limits
      </Button>
      <Modal opened={isOpen} onClose={close} title="Reset learned limits">
        <p>
          Requests that wait at a learned limit resume until Spotify refuses one, which can block an endpoint group for
          up to a day. Existing blocks stay.
        </p>
        <Group justify="end" mt="md">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button color="rose" loading={isPending} onClick={() => mutate({ account })}>
            Reset limits
          </Button>
        </Group>
      </Modal>
    </>
  )
}
