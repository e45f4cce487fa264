import type { PlaylistCounts } from './playlists.ts'
import { dayOf, type Habits } from './taste.ts'

/** The invented people who can give consent. */
export interface Listener {
  id: string
  /** null like that of people who never set one. */
  displayName: string | null
  hasPicture: boolean
  /** The name on the consent page. */
  label: string
  about: string
  life: Life
}

/** How much music a listener has. The lists of `quiet` and `odd` are written by hand. */
type Life = Regular | { kind: 'quiet' } | { kind: 'odd'; isForTests: boolean }

export interface Regular {
  kind: 'regular'
  habits: Habits
  lists: PlaylistCounts
  initialSaved: number
  savedPerDay(daysSinceStart: number): number
  albumsPerDay: number
  initialFollowed: number
  followedPerDay: number
  /** Their plays show what happened in their life, and they can be exported. */
  hasStory?: true
}

const TEN_YEARS: Regular = {
  kind: 'regular',
  hasStory: true,
  habits: {
    firstDay: dayOf(Date.UTC(2016, 10, 1)),
    playsPerDay: 40,
    initialArtists: 40,
    daysPerDiscovery: 6.5,
    outgrows: true,
  },
  lists: { own: 41, followed: 19, createdWithinDays: 1200 },
  initialSaved: 900,
  // Many in the first years, about one song a day now.
  savedPerDay: (days) => 1 + 8.6 * Math.exp(-days / 900),
  albumsPerDay: 0.115,
  initialFollowed: 30,
  followedPerDay: 0.08,
}

const PLAIN: Regular = {
  kind: 'regular',
  habits: { firstDay: dayOf(Date.UTC(2025, 8, 1)), playsPerDay: 25, initialArtists: 25, daysPerDiscovery: 5 },
  lists: { own: 6, followed: 2, createdWithinDays: 200 },
  initialSaved: 60,
  savedPerDay: () => 0.6,
  albumsPerDay: 0.05,
  initialFollowed: 5,
  followedPerDay: 0.03,
}

export const DEMO_LISTENERS: readonly Listener[] = [
  {
    id: 'juniper-lake',
    displayName: 'Juniper',
    hasPicture: true,
    label: 'Juniper',
    about: 'Ten years of listening, 10,000 saved songs, 60 playlists',
    life: TEN_YEARS,
  },
  {
    id: 'quiet-fern',
    displayName: null,
    hasPicture: false,
    label: 'quiet-fern',
    about: 'Just started: two plays, nothing saved, no display name',
    life: { kind: 'quiet' },
  },
  {
    id: 'odd-quill',
    displayName: 'Quill “the odd” 🪶',
    hasPicture: true,
    label: 'Quill “the odd”',
    about: 'An unusual library: local files, missing artwork, strange names',
    life: { kind: 'odd', isForTests: false },
  },
]

/** Has every unusual value that readers have to cope with. Not on the consent page. */
const TEST_LISTENER: Listener = {
  id: 'odd-cases',
  displayName: 'Odd cases',
  hasPicture: false,
  label: 'odd-cases',
  about: 'For tests',
  life: { kind: 'odd', isForTests: true },
}

const LOAD_LISTENER = /^load-(\d{1,6})$/

/** A demo listener, or any `load-<n>` for load tests. */
export function findListener(id: string): Listener | undefined {
  const demo = [...DEMO_LISTENERS, TEST_LISTENER].find((listener) => listener.id === id)
  if (demo) return demo
  const number = LOAD_LISTENER.exec(id)?.[1]
  if (!number) return undefined
  return { id, displayName: `Load ${number}`, hasPicture: false, label: id, about: 'For load tests', life: PLAIN }
}
