import { z } from 'zod'
import { getFromSpotify } from './client.ts'
import { malformed } from './failures.ts'
import { Identifier, Images } from './objects.ts'

/** What Spotify says about a listener. Newer apps don't get email and country. */
export interface Profile {
  /** Stable since May 2026. */
  accountId: string | null
  /** Used to compare with playlist owners. */
  userId: string
  name: string | null
  image: string | null
  /** The key under which a known listener's account is stored, if it differs from the one below. */
  knownAs?: string
}

/** The key of a listener's Spotify account. */
export function accountKey({ knownAs, accountId, userId }: Profile): string {
  return knownAs ?? accountId ?? userId
}

/** Only `id` is required. Any other field that is empty or odd is treated as missing. */
const Me = z.object({
  account_id: Identifier,
  id: z.string().min(1).max(255),
  display_name: z.string().nullish().catch(null),
  images: Images,
})

const MAX_NAME_LENGTH = 200

/** The profile of the token's owner. @throws Failure */
export async function readProfile(api: string, token: string): Promise<Profile> {
  const { body } = await getFromSpotify(api, { path: '/me', query: {}, token })
  if (body === undefined) throw malformed('it is empty', undefined, { endpoint: '/me' })
  const me = Me.parse(body)
  return {
    accountId: me.account_id || null,
    userId: me.id,
    name: typeable(me.display_name ?? '') || null,
    image: me.images?.find((image) => image?.url)?.url ?? null,
  }
}

/** A name that the listener can type, because they must do so to delete their account. */
function typeable(name: string): string {
  const visible = name.replaceAll(/[\p{Cc}\ufffd]+/gu, ' ').replaceAll(/\s+/g, ' ')
  return visible.trim().slice(0, MAX_NAME_LENGTH).toWellFormed()
}
