import type { MantineColorScheme } from '@mantine/core'

/** The choices of a theme; kept in the browser only. */
export const COLOUR_SCHEMES: { value: MantineColorScheme; label: string }[] = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

export function isColourScheme(value: string): value is MantineColorScheme {
  return COLOUR_SCHEMES.some((scheme) => scheme.value === value)
}
