import { db } from '#lib/db.ts'
import type { Profile } from '#lib/spotify/profile.ts'

/**
 * Recognizes a listener even if Spotify sends an account id at only some of their sign-ins. Otherwise they would become
 * a new listener without their data. The user id decides, unless two account ids differ.
 */
export async function recognize(profile: Profile): Promise<Profile> {
  const { accountId, userId } = profile
  const byAccountId = accountId
    ? await db().account.count({ where: { provider: 'spotify', providerAccountId: accountId } })
    : 0
  if (byAccountId > 0) return profile
  const known = await db().account.findFirst({
    where: {
      provider: 'spotify',
      user: accountId
        ? { OR: [{ spotifyAccountId: accountId }, { spotifyUserId: userId, spotifyAccountId: null }] }
        : { spotifyUserId: userId },
    },
    orderBy: { user: { createdAt: 'asc' } },
  })
  return known ? { ...profile, knownAs: known.providerAccountId } : profile
}
