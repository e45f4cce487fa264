'use client'

import { ActionIcon, type ActionIconProps } from '@mantine/core'
import type { ComponentPropsWithRef } from 'react'
import { DownloadIcon } from '#app/_ui/icons.tsx'

type Props = ActionIconProps & Omit<ComponentPropsWithRef<'button'>, keyof ActionIconProps> & { chart: string }

/** The button of a chart's download menu, with or without the menu. */
export function ChartMenuButton({ chart, ...others }: Props) {
  return (
    <ActionIcon
      variant="default"
      size={22}
      aria-label={`Download ${chart}`}
      aria-haspopup="menu"
      title="Download"
      {...others}
    >
      <DownloadIcon size={14} />
    </ActionIcon>
  )
}
