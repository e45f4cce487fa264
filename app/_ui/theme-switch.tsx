'use client'

import { SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { COLOR_SCHEMES, isColorScheme } from './color-schemes.ts'

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const isMounted = useMounted()
  return (
    <SegmentedControl
      aria-label="Theme"
      data={COLOR_SCHEMES}
      value={isMounted ? colorScheme : 'auto'}
      onChange={(value) => isColorScheme(value) && setColorScheme(value)}
    />
  )
}
