import type { MantineColorScheme } from '@mantine/core'

/** Themes to choose from. The choice is stored in the browser only. */
export const COLOR_SCHEMES: { value: MantineColorScheme; label: string }[] = [
  { value: 'auto', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

export function isColorScheme(value: string): value is MantineColorScheme {
  return COLOR_SCHEMES.some((scheme) => scheme.value === value)
}
