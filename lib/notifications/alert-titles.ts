import type { Alert, AlertKind } from '#lib/db.ts'
import { titleOf } from '#lib/streams/index.ts'

export interface TroubleName {
  begins: string
  ends: string
  /** The page where a person looks. */
  path: string
}

const NAMES: Record<AlertKind, (title: string) => TroubleName> = {
  stream: (title) => ({
    begins: `${title} could not be fetched`,
    ends: `${title} is fetched again`,
    path: '/runs',
  }),
  part: (title) => ({
    begins: `${title} came incomplete`,
    ends: `${title} is complete again`,
    path: '/runs',
  }),
  consent: () => ({
    begins: 'Spotify has to be reconnected',
    ends: 'Spotify is connected again',
    path: '/connections',
  }),
  stale: () => ({
    begins: 'Recently played is late',
    ends: 'Recently played is up to date again',
    path: '/runs',
  }),
  loading: () => ({
    begins: 'What was read is not loaded',
    ends: 'What was read is loaded again',
    path: '/runs',
  }),
  warehouse: () => ({
    begins: 'Your Snowflake cannot be loaded',
    ends: 'Your Snowflake is loaded again',
    path: '/connections/snowflake',
  }),
  premium: () => ({
    begins: 'Spotify answers nothing: Premium of the app’s owner has lapsed',
    ends: 'Spotify answers again',
    path: '/connections',
  }),
  other: () => ({ begins: 'Something needs a look', ends: 'It is over', path: '/overview' }),
}

/** How an alert is called when it begins and ends. */
export function troubleName({ kind, stream }: Pick<Alert, 'kind' | 'stream'>): TroubleName {
  return NAMES[kind](titleOf(stream ?? ''))
}
