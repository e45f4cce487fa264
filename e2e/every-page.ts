import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { ADMIN, RESIDENT } from './sign-in.ts'

/** All pages, for tests that apply to every page. */

export interface PageUnderTest {
  address: string
  /** The listener who opens it; anonymous if omitted. */
  as?: string
  /** A heading that is visible once the page has loaded. */
  heading: string
  /** Has no sidebar, although somebody is signed in. */
  isPublic?: boolean
}

export const PAGES: PageUnderTest[] = [
  { address: '/', heading: 'Keep your listening history, in tables you own.' },
  { address: '/sign-in', heading: 'Sign in' },
  { address: '/sign-in?problem=sign-ups-closed', heading: 'Sign-ups are closed' },
  { address: '/sign-in?problem=something-else', heading: 'Sign-in failed' },
  { address: '/confirmed', heading: 'You’re not signed in' },
  { address: '/confirmed', as: RESIDENT, heading: 'Thanks, Load 1', isPublic: true },
  {
    address: '/confirmed?problem=other-account',
    as: RESIDENT,
    heading: 'That’s a different Spotify account',
    isPublic: true,
  },
  { address: '/sign-out', heading: 'You’re signed out' },
  { address: '/sign-out', as: RESIDENT, heading: 'Sign out?', isPublic: true },
  { address: '/setup', heading: 'In Spotify' },
  { address: '/privacy', heading: 'Privacy' },
  { address: '/terms', heading: 'Terms' },
  { address: '/guide', heading: 'User guide' },
  { address: '/erased', heading: 'Account deleted' },
  { address: '/nowhere', heading: 'Page not found' },
  { address: '/overview', as: RESIDENT, heading: 'Minutes listened' },
  { address: '/top/tracks', as: RESIDENT, heading: 'Top songs' },
  { address: '/top/albums?period=all', as: RESIDENT, heading: 'Top albums' },
  { address: '/top/genres?period=all', as: RESIDENT, heading: 'Genres of your artists' },
  { address: '/top/artists?by=spotify&range=long', as: RESIDENT, heading: 'Top 10 artists, day by day' },
  { address: '/history', as: RESIDENT, heading: 'Plays' },
  { address: '/insights', as: RESIDENT, heading: 'Insights' },
  { address: '/recap', as: RESIDENT, heading: 'Month by month' },
  { address: '/recap/2010', as: RESIDENT, heading: 'Nothing played in 2010' },
  { address: '/recap/0', as: RESIDENT, heading: 'Page not found' },
  { address: '/library', as: RESIDENT, heading: 'Liked songs' },
  { address: '/library?tab=albums&view=changes', as: RESIDENT, heading: 'Added and removed by month' },
  { address: '/playlists', as: RESIDENT, heading: 'Playlists' },
  { address: '/playlists/first', as: RESIDENT, heading: 'Songs' },
  { address: '/charts', as: RESIDENT, heading: 'Charts' },
  { address: '/tracks/played', as: RESIDENT, heading: 'Rank among songs' },
  { address: '/artists/played', as: RESIDENT, heading: 'Rank among artists' },
  { address: '/albums/played', as: RESIDENT, heading: 'Rank among albums' },
  { address: '/tracks/nothing', as: RESIDENT, heading: 'Page not found' },
  { address: '/import', as: RESIDENT, heading: 'Bring in your history' },
  { address: '/data', as: RESIDENT, heading: 'Last builds' },
  { address: '/data?table=analytical.dim_tracks', as: RESIDENT, heading: 'Lineage' },
  { address: '/sql', as: RESIDENT, heading: 'Query' },
  { address: '/runs', as: RESIDENT, heading: 'Sync history' },
  { address: '/runs/newest', as: RESIDENT, heading: 'Progress' },
  { address: '/connections', as: RESIDENT, heading: 'Built-in warehouse' },
  { address: '/connections/spotify-app', as: RESIDENT, heading: 'In Spotify' },
  { address: '/connections/snowflake', as: RESIDENT, heading: 'In Snowflake' },
  { address: '/connections/lake', as: RESIDENT, heading: 'Your tables as files' },
  { address: '/settings', as: RESIDENT, heading: 'Schedules' },
  { address: '/admin', as: ADMIN, heading: 'Audit' },
  { address: '/admin/quota', as: ADMIN, heading: 'How Spotify counts' },
]

/** Names a page in the titles of tests. */
export function nameOf({ address, as, isPublic }: PageUnderTest): string {
  return isPublic && as ? `${address} of ${as}` : address
}

/** Opens a page and waits until it has loaded and makes no more requests. */
export async function open(page: Page, { address, heading }: PageUnderTest): Promise<void> {
  await page.goto(await addressOf(page, address))
  await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible()
  await page.waitForLoadState('networkidle')
}

/** The address of something that only exists at run time: the newest run, or what the last play was of. */
async function addressOf(page: Page, address: string): Promise<string> {
  if (address === '/runs/newest') return newestRun(page)
  if (address === '/playlists/first') return firstPlaylist(page)
  const [, folder] = /^\/(tracks|artists|albums)\/played$/.exec(address) ?? []
  return folder ? `/${folder}/${(await lastPlay(page))[folder as keyof LastPlay]}` : address
}

interface LastPlay {
  tracks: string
  artists: string
  albums: string
}

/** The ids of the song, artist and album that were played last. */
export async function lastPlay(page: Page): Promise<LastPlay> {
  const { rows } = z
    .object({ rows: z.array(z.object({ track_id: z.string(), artist_id: z.string(), album_id: z.string() })) })
    .parse(await (await page.request.get('/api/charts/history?period=all&limit=1')).json())
  const [play] = rows
  return { tracks: `${play?.track_id}`, artists: `${play?.artist_id}`, albums: `${play?.album_id}` }
}

async function firstPlaylist(page: Page): Promise<string> {
  const { rows } = z
    .object({ rows: z.array(z.object({ playlist_id: z.string() })) })
    .parse(await (await page.request.get('/api/charts/playlists?limit=1')).json())
  return `/playlists/${rows[0]?.playlist_id}`
}

async function newestRun(page: Page): Promise<string> {
  const { runs } = z
    .object({ runs: z.array(z.object({ id: z.string() })) })
    .parse(await (await page.request.get('/api/runs?limit=1')).json())
  return `/runs/${runs[0]?.id}`
}
