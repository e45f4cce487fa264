import { titleOf } from '#lib/streams/index.ts'

export interface TroubleName {
  begins: string
  ends: string
  /** The page where a person looks. */
  path: string
}

const NAMES: Record<string, TroubleName> = {
  consent: {
    begins: 'Spotify has to be reconnected',
    ends: 'Spotify is connected again',
    path: '/connections',
  },
  stale: {
    begins: 'Recently played is late',
    ends: 'Recently played is up to date again',
    path: '/runs',
  },
  loading: {
    begins: 'What was read is not loaded',
    ends: 'What was read is loaded again',
    path: '/runs',
  },
  warehouse: {
    begins: 'Your Snowflake cannot be loaded',
    ends: 'Your Snowflake is loaded again',
    path: '/connections/snowflake',
  },
  premium: {
    begins: 'Spotify answers nothing: Premium of the app’s owner has lapsed',
    ends: 'Spotify answers again',
    path: '/connections',
  },
}

const STREAM = 'stream:'
const PART = 'part:'

/** How a trouble is called when it begins and ends. */
export function troubleName(what: string): TroubleName {
  if (what.startsWith(STREAM)) {
    const title = titleOf(what.slice(STREAM.length))
    return { begins: `${title} could not be fetched`, ends: `${title} is fetched again`, path: '/runs' }
  }
  if (what.startsWith(PART)) {
    const title = titleOf(what.slice(PART.length))
    return { begins: `${title} came incomplete`, ends: `${title} is complete again`, path: '/runs' }
  }
  return NAMES[what] ?? { begins: 'Something needs a look', ends: 'It is over', path: '/overview' }
}
