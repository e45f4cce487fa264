'use client'

import { Button, Group, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useAction } from '#app/_ui/use-endpoint.ts'
import { forgetQuota } from '#lib/api/client.ts'

/** Lets an account begin anew where a refusal taught something wrong. */
export function ForgetButton({ account }: { account: string }) {
  const [isOpen, { open, close }] = useDisclosure()
  const { mutate, isPending } = useAction(forgetQuota, { onDone: close })
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        Forget what was learned
      </Button>
      <Modal opened={isOpen} onClose={close} title="Forget what was learned">
        <p>
          Tracklake asks on until Spotify refuses again, which may take up to a day of the group that it refuses. What
          waits at a learned limit goes on; how long Spotify refuses already stays.
        </p>
        <Group justify="end" mt="md">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button color="rose" loading={isPending} onClick={() => mutate({ account })}>
            Forget it
          </Button>
        </Group>
      </Modal>
    </>
  )
}
