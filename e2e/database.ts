import { withClient } from '#scripts/postgres.ts'
import { DATABASE_URL } from './instance.ts'

/** Reads the app database for what no page shows: secrets, and data that must be gone. */

export interface StoredAccount {
  hasTokens: boolean
  consent: string
}

/** A listener's stored Spotify connection; undefined if there is none. @param name as shown on pages */
export async function storedAccount(name: string): Promise<StoredAccount | undefined> {
  return withClient(DATABASE_URL, async (client) => {
    const { rows } = await client.query<StoredAccount>(
      `select a.consent, a.access_token is not null or a.refresh_token is not null as "hasTokens"
       from "Account" a join "User" u on u.id = a."userId" where u.name = $1`,
      [name],
    )
    return rows[0]
  })
}

/** Moves a listener's reads into the past, because "Sync now" skips what was read in the last minutes. */
export async function backdateReads(name: string, minutes: number): Promise<void> {
  await withClient(DATABASE_URL, (client) =>
    client.query(
      `update "StreamRun" set "extractedAt" = "extractedAt" - $2 * interval '1 minute', "endedAt" = "endedAt" - $2 * interval '1 minute'
       from "User" u where u.id = "userId" and u.name = $1`,
      [name, minutes],
    ),
  )
}

/** Makes a listener's sign-ins older, because secrets need one of the last 15 minutes. */
export async function backdateSignIns(name: string, minutes: number): Promise<void> {
  await withClient(DATABASE_URL, (client) =>
    client.query(
      `update "Session" s set "createdAt" = s."createdAt" - $2 * interval '1 minute',
                              "confirmedAt" = s."confirmedAt" - $2 * interval '1 minute'
       from "User" u where u.id = s."userId" and u.name = $1`,
      [name, minutes],
    ),
  )
}

/** Makes a stream of a listener's runs in progress wait for an hour, as a quota would that blocks only this listener. */
export async function holdStream(name: string, stream: string): Promise<void> {
  await withClient(DATABASE_URL, (client) =>
    client.query(
      // The next attempt: the job at work on this one must not resume it.
      `update "StreamRun" s set state = 'waiting', attempt = attempt + 1, "waitReason" = 'quota',
         "waitingUntil" = now() + interval '1 hour', problem = 'Spotify accepts no more requests of this kind today'
       from "User" u where u.id = s."userId" and u.name = $1 and s.stream = $2 and s."endedAt" is null`,
      [name, stream],
    ),
  )
}

/** Changes what a check of a listener's tables found last. */
export async function setCheck(
  name: string,
  check: string,
  { state, failing }: { state: string; failing: number },
): Promise<void> {
  await withClient(DATABASE_URL, (client) =>
    client.query(
      `update "ModelCheck" c set state = $3, failing = $4 from "User" u where u.id = c."userId" and u.name = $1 and c.name = $2`,
      [name, check, state, failing],
    ),
  )
}

/**
 * Makes a listener's first sync one that missed plays: it came three weeks after another, whose plays it didn't see.
 */
export async function setMissedPlays(name: string): Promise<void> {
  await withClient(DATABASE_URL, async (client) => {
    await client.query(
      `insert into "Poll" (id, "userId", at, oldest, newest, count, "newCount", overlapped)
       select 'earlier ' || u.id, u.id, now() - interval '21 days', now() - interval '22 days', now() - interval '21 days', 50, 50, null
       from "User" u where u.name = $1 on conflict do nothing`,
      [name],
    )
    await client.query(
      `update "Poll" p set overlapped = false from "User" u
       where u.id = p."userId" and u.name = $1
         and p.at = (select at from "Poll" one where one."userId" = u.id and one.at > now() - interval '1 day' order by at limit 1)`,
      [name],
    )
    // As the load of such a sync does.
    await client.query(`update "User" set "dataVersion" = "dataVersion" + 1 where name = $1`, [name])
  })
}
