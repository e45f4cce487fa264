import { withClient } from '#scripts/postgres.ts'
import { DATABASE_URL } from './instance.ts'

/** Looks into the app database where pages keep silent: at secrets, and at what has to be gone. */

export interface StoredAccount {
  hasTokens: boolean
  consent: string
}

/** What is kept of a listener's connection to Spotify; undefined when there is none. @param name as the pages show it */
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

/** As if a listener's streams had been read so many minutes earlier: "Run now" leaves out what was read a moment ago. */
export async function backdateReads(name: string, minutes: number): Promise<void> {
  await withClient(DATABASE_URL, (client) =>
    client.query(
      `update "StreamRun" set "extractedAt" = "extractedAt" - $2 * interval '1 minute', "endedAt" = "endedAt" - $2 * interval '1 minute'
       from "User" u where u.id = "userId" and u.name = $1`,
      [name, minutes],
    ),
  )
}
