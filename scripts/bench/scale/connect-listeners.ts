import { z } from 'zod'
import { requestStreams } from '#inngest/events.ts'
import { connectListener, createListener } from '#lib/accounts/connect.ts'
import { MINUTE, pause } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { saveApp } from '#lib/quota/app-credentials.ts'
import { takeStartable } from '#lib/runs/runs.ts'
import { remoteSimulator } from '#simulator/admin/remote.ts'
import { eventually } from '#testing/eventually.ts'
import { ALL_SCOPES } from '#testing/sync/harness.ts'

/**
 * Connects load listeners to the instance whose settings stand in the environment, as a sign-in does but without a
 * browser: each with a Spotify app of their own, one after the other, a few at a time, each until their first run has
 * ended. A process of its own, because settings are read once.
 */

/** Sign-ins that are under way at once. */
const AT_ONCE = 4
const POLL_EVERY_MS = 200 // asking all the time would slow down what is measured
const SECRET = 'a-secret-for-tests'

const Granted = z.object({
  grant: z.object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.string(),
    scope: z.string(),
    expires_in: z.number(),
  }),
})

const [first = 0, last = 0] = process.argv.slice(2).map(Number)
const spotify = remoteSimulator(process.env.SPOTIFY_ACCOUNTS_URL ?? '')

async function connect(number: number): Promise<void> {
  const listener = `load-${number}`
  const client = `app-of-${listener}`
  const apps = { [client]: { clientSecret: SECRET } }
  const { grant } = Granted.parse(await spotify.configure({ apps, grant: { listener, scopes: ALL_SCOPES, client } }))
  const app = await saveApp({ clientId: client, clientSecret: SECRET }, { developerAccount: null, ownerId: null })
  const providerAccountId = `account-${listener}`
  const user = await createListener({
    name: listener,
    accounts: { create: { type: 'oauth', provider: 'spotify', providerAccountId } },
  })
  const profile = { accountId: providerAccountId, userId: listener, name: listener, image: null }
  const run = await connectListener(user.id, profile, grant, { appId: app.id, byDefault: false })
  if (!run) throw new Error(`${listener} got no first run.`)
  await requestStreams(await takeStartable(run.id))
  await eventually(async () => {
    await pause(POLL_EVERY_MS)
    // The words tell it from what is measured.
    const closed = await db().$queryRaw<unknown[]>`
      select /* of the bench */ from "Run" where id = ${run.id} and "closedAt" is not null`
    return closed.length > 0
  }, 10 * MINUTE)
}

let next = first
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next <= last) await connect(next++)
  }),
)
process.exit(0)
