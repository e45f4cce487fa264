'use client'

import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { CheckIcon, CopyIcon } from './icons.tsx'

/** @param text what is copied; a function if it is long @param label the button's name until something is copied */
export function CopyButton({ text, label = 'Copy' }: { text: string | (() => string); label?: string }) {
  const { copy, copied } = useClipboard({ timeout: 2_000 })
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
      onClick={() => copy(typeof text === 'string' ? text : text())}
    >
      {copied ? 'Copied' : label}
    </Button>
  )
}
