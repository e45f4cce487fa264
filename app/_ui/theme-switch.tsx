'use client'

import { SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { COLOUR_SCHEMES, isColourScheme } from './colour-schemes.ts'

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isMounted = useMounted()
  return (
    <SegmentedControl
      aria-label="Theme"
      data={COLOUR_SCHEMES}
      value={isMounted ? colorScheme : 'auto'}
      onChange={(value) => isColourScheme(value) && setColorScheme(value)}
    />
  )
}
