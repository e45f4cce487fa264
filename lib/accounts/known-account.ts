import { db } from '#lib/db.ts'
import type { Profile } from '#lib/spotify/profile.ts'

/**
 * Recognizes a listener of whom Spotify sent an account id at one sign-in and none at another: they would otherwise become
 * somebody new, without their data. The user id decides, unless two different account ids contradict it.
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
