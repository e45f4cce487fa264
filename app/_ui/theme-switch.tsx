'use client'

import { type MantineColorScheme, SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { useMounted } from '@mantine/hooks'

export const COLOUR_SCHEMES: { value: MantineColorScheme; label: string }[] = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

export function isColourScheme(value: string): value is MantineColorScheme {
  return COLOUR_SCHEMES.some((scheme) => scheme.value === value)
}

/** Kept in this browser only. */
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
