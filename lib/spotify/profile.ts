import { z } from 'zod'
import { createSpotify } from './client.ts'

/** What Spotify says of a listener; newer apps learn no e-mail and no country. */
export interface Profile {
  /** Stable since May 2026. */
  accountId: string | null
  /** What playlist owners are compared with. */
  userId: string
  name: string | null
  image: string | null
}

/** What names the Spotify account of a listener. */
export function accountKey({ accountId, userId }: Profile): string {
  return accountId ?? userId
}

const Me = z.object({
  account_id: z.string().min(1).nullish(),
  id: z.string().min(1),
  display_name: z.string().nullish(),
  images: z.array(z.object({ url: z.string() })).nullish(),
})

/** Asks Spotify whose token it is. @throws Failure */
export async function readProfile(api: string, token: string): Promise<Profile> {
  const { body } = await createSpotify(api).get({ path: '/me', query: {}, token })
  const me = Me.parse(body)
  return {
    accountId: me.account_id ?? null,
    userId: me.id,
    name: me.display_name || null,
    image: me.images?.[0]?.url ?? null,
  }
}
