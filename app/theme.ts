import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const lake: MantineColorsTuple = [
  '#e3fbff',
  '#c9f2fb',
  '#97e3f5',
  '#5fd3ee',
  '#38c6e8',
  '#20bde5',
  '#0ab8e4',
  '#00a2cb',
  '#0090b6',
  '#007da1',
]

const night: MantineColorsTuple = [
  '#e6ebf5',
  '#c3ccdd',
  '#9aa7be',
  '#6f7f9b',
  '#4b5a75',
  '#33415a',
  '#222e45',
  '#151f33',
  '#0e1626',
  '#0a101d',
]

/** For destructive actions. Shade 5 is a background for white text, shade 4 is text on dark. */
const rose: MantineColorsTuple = [
  '#fff0f3',
  '#ffd9e1',
  '#ffb3c3',
  '#f78fa7',
  '#ef6f8e',
  '#c2274b',
  '#b3203f',
  '#9c1a36',
  '#85142d',
  '#6e0f24',
]

const FONT = 'var(--font-geist-sans), system-ui, sans-serif'
const MONOSPACE = 'var(--font-geist-mono), ui-monospace, monospace'

export const theme = createTheme({
  primaryColor: 'lake',
  primaryShade: { light: 5, dark: 4 },
  autoContrast: true,
  black: '#0a101d',
  colors: { lake, rose, dark: night },
  respectReducedMotion: true,
  cursorType: 'pointer',
  fontFamily: FONT,
  fontFamilyMonospace: MONOSPACE,
  headings: {
    fontFamily: FONT,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '28px', lineHeight: '36px' },
      h2: { fontSize: '18px', lineHeight: '26px' },
      h3: { fontSize: '15px', lineHeight: '22px' },
    },
  },
  fontSizes: { xs: '13px', sm: '13px', md: '15px', lg: '18px', xl: '28px' },
  lineHeights: { xs: '18px', sm: '18px', md: '22px', lg: '26px', xl: '36px' },
  radius: { xs: '4px', sm: '4px', md: '8px', lg: '10px', xl: '16px' },
  defaultRadius: 'md',
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  components: {
    Modal: {
      // Mantine's scroll lock adds a style element without the CSP nonce; global.css locks scrolling instead.
      defaultProps: {
        centered: true,
        radius: 'lg',
        transitionProps: { duration: 120 },
        lockScroll: false,
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: {
        content: { background: 'var(--surface)' },
        header: { background: 'var(--surface)' },
        title: { fontWeight: 600 },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Menu: { defaultProps: { transitionProps: { duration: 120 } } },
    Tooltip: { defaultProps: { transitionProps: { duration: 120 } } },
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
      styles: { description: { fontSize: '13px' }, error: { fontSize: '13px' } },
    },
  },
})

const STATES_DARK = {
  '--state-running': '#38c6e8',
  '--state-succeeded': '#5fd3a3',
  '--state-incomplete': '#e8b54d',
  '--state-failed': '#ef6f8e',
  '--state-waiting': '#9d8df1',
  '--state-queued': '#9aa7be',
}

/** The same hues, dark enough to read on white. */
const STATES_LIGHT = {
  '--state-running': '#007da1',
  '--state-succeeded': '#157a51',
  '--state-incomplete': '#8a5f00',
  '--state-failed': '#b3203f',
  '--state-waiting': '#5c4ac4',
  '--state-queued': '#56617a',
}

const SERIES_DARK = ['#38c6e8', '#f2a65a', '#9d8df1', '#5fd3a3', '#ef6f8e', '#e8d55b']
const SERIES_LIGHT = ['#0090b6', '#b5651d', '#6a57d5', '#1d8a5e', '#c93a60', '#8a7a10']

/** Number of series with their own color. */
export const SERIES_COUNT = SERIES_DARK.length

function seriesVariables(colors: string[]): Record<string, string> {
  return Object.fromEntries(colors.map((color, index) => [`--series-${index + 1}`, color]))
}

/** CSS variables that the modules use besides Mantine's. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  dark: {
    '--mantine-color-body': night[8],
    '--mantine-color-placeholder': night[2],
    '--mantine-color-anchor': lake[3],
    '--mantine-color-error': '#ff9db3',
    '--mantine-color-default-border': night[5],
    '--mantine-color-rose-outline': rose[4],
    '--mantine-color-rose-filled': rose[5],
    '--mantine-color-rose-filled-hover': rose[6],
    '--placeholder': night[6],
    '--surface': night[7],
    '--surface-raised': night[6],
    '--line': night[6],
    '--accent-soft': '#12354a',
    '--bar': lake[4],
    ...STATES_DARK,
    ...seriesVariables(SERIES_DARK),
  },
  light: {
    '--mantine-color-body': '#f5f7fb',
    '--mantine-color-text': '#111a2b',
    '--mantine-color-dimmed': '#55617a',
    '--mantine-color-placeholder': '#667188',
    '--mantine-color-anchor': '#00607c',
    '--mantine-color-error': '#a81b39',
    '--mantine-color-rose-outline': rose[6],
    '--placeholder': '#e6ebf3',
    '--surface': '#ffffff',
    '--surface-raised': '#edf1f8',
    '--line': '#e1e7f1',
    '--accent-soft': '#d8f3fb',
    '--bar': lake[5],
    ...STATES_LIGHT,
    ...seriesVariables(SERIES_LIGHT),
  },
})
