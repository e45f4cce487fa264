import { z } from 'zod'
import { getFromSpotify } from './client.ts'

/** What Spotify says about a listener. Newer apps don't get email and country. */
export interface Profile {
  /** Stable since May 2026. */
  accountId: string | null
  /** Used to compare with playlist owners. */
  userId: string
  name: string | null
  image: string | null
}

/** The key of a listener's Spotify account. */
export function accountKey({ accountId, userId }: Profile): string {
  return accountId ?? userId
}

const Me = z.object({
  account_id: z.string().min(1).nullish(),
  id: z.string().min(1),
  display_name: z.string().nullish(),
  images: z.array(z.object({ url: z.string() })).nullish(),
})

/** The profile of the token's owner. @throws Failure */
export async function readProfile(api: string, token: string): Promise<Profile> {
  const { body } = await getFromSpotify(api, { path: '/me', query: {}, token })
  const me = Me.parse(body)
  return {
    accountId: me.account_id ?? null,
    userId: me.id,
    name: me.display_name || null,
    image: me.images?.[0]?.url ?? null,
  }
}
