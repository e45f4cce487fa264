'use client'

import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { CheckIcon, CopyIcon } from './icons.tsx'

/** @param word the button's name while nothing was copied */
export function CopyButton({ text, word = 'Copy' }: { text: string; word?: string }) {
  const { copy, copied } = useClipboard({ timeout: 2_000 })
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
      onClick={() => copy(text)}
    >
      {copied ? 'Copied' : word}
    </Button>
  )
}
