import type { Alert, AlertKind } from '#lib/db.ts'
import { titleOf } from '#lib/streams/index.ts'

export interface AlertTitles {
  opened: string
  resolved: string
  /** The page with details. */
  path: string
}

/**
 * Kinds of alerts that were added later are stored as `other` with this name as their stream, so that web processes of
 * an earlier version can read them.
 */
const LATER = {
  models: {
    opened: 'Your charts could not be updated',
    resolved: 'Your charts are updated again',
    path: '/data',
  },
  checks: {
    opened: 'A check of your data failed',
    resolved: 'All checks of your data pass again',
    path: '/data',
  },
  lake: {
    opened: 'Your files could not be published',
    resolved: 'Your files are published again',
    path: '/connections/lake',
  },
} as const satisfies Record<string, AlertTitles>
export type LaterAlert = keyof typeof LATER

const isLater = (name: string | null): name is LaterAlert => name !== null && Object.hasOwn(LATER, name)

const TITLES: Record<AlertKind, (title: string) => AlertTitles> = {
  stream: (title) => ({
    opened: `${title} could not be synced`,
    resolved: `${title} is syncing again`,
    path: '/runs',
  }),
  part: (title) => ({
    opened: `${title} is incomplete`,
    resolved: `${title} is complete again`,
    path: '/runs',
  }),
  consent: () => ({
    opened: 'Reconnect Spotify',
    resolved: 'Spotify is connected again',
    path: '/connections',
  }),
  stale: () => ({
    opened: 'Recently played is late',
    resolved: 'Recently played is up to date again',
    path: '/runs',
  }),
  loading: () => ({
    opened: 'New data is not being loaded',
    resolved: 'New data is being loaded again',
    path: '/runs',
  }),
  warehouse: () => ({
    opened: 'Loading into your Snowflake is failing',
    resolved: 'Loading into your Snowflake works again',
    path: '/connections/snowflake',
  }),
  premium: () => ({
    opened: 'Syncing is paused: the app owner’s Premium has lapsed',
    resolved: 'Syncing has resumed',
    path: '/connections',
  }),
  other: () => ({ opened: 'Something needs your attention', resolved: 'Resolved', path: '/overview' }),
}

/** The titles of an alert when it is opened and resolved. */
export function alertTitles({ kind, stream }: Pick<Alert, 'kind' | 'stream'>): AlertTitles {
  return kind === 'other' && isLater(stream) ? LATER[stream] : TITLES[kind](titleOf(stream ?? ''))
}
