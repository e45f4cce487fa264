import { expect } from 'vitest'
import { spotifyUrls } from '#lib/core/config.ts'
import type { Json } from '#lib/core/table.ts'
import { db } from '#lib/db.ts'
import { accountKey, readProfile } from '#lib/spotify/profile.ts'
import { test } from '#testing/sync/fixture.ts'
import type { Harness } from '#testing/sync/harness.ts'
import { connectListener } from './connect.ts'
import { recognize } from './known-account.ts'
import { signUp } from './sign-up.ts'

type Fields = { [name: string]: Json }

/** Signs in as the browser would, with this profile. @returns the listener's row */
async function signIn(harness: Harness, me: Fields) {
  const tokens = await harness.grant('load-1')
  const fault = { kind: 'body' as const, body: JSON.stringify(me) }
  await harness.configure({ faults: [{ match: { path: '^/v1/me$' }, fault }] })
  const profile = await recognize(await readProfile(spotifyUrls().api, tokens.access_token))
  const key = { provider: 'spotify', providerAccountId: accountKey(profile) }
  const known = await db().account.findUnique({ where: { provider_providerAccountId: key } })
  const { name, image } = profile
  const userId = known?.userId ?? (await signUp(profile, { name, image }, null)).id
  await connectListener(userId, profile, tokens)
  return db().user.findUniqueOrThrow({ where: { id: userId } })
}

let people = 0
const person = (me: Fields = {}): Fields => ({ id: `odd-${++people}`, account_id: `account-${people}`, ...me })

test.for<[string, Fields, { name?: string; image?: string | null }]>([
  ['a picture without an address', { images: [{ url: null, height: null, width: null }] }, { image: null }],
  ['pictures that are none', { images: [null, 7, { url: 'javascript:alert(1)' }] }, { image: null }],
  ['one usable picture', { images: [{ url: null }, { url: 'https://i.scdn.co/1' }] }, { image: 'https://i.scdn.co/1' }],
  ['images that are no list', { images: 'none' }, { image: null }],
  ['U+0000 in the name', { display_name: 'Odd \0 name' }, { name: 'Odd name' }],
  ['half a character as the name', { display_name: '\ud83c' }, {}],
  ['control characters in the name', { display_name: '\u0001Ada\tL.\r\n' }, { name: 'Ada L.' }],
  ['a name of 1 MB', { display_name: 'x'.repeat(1_000_000) }, { name: 'x'.repeat(200) }],
  ['a name that is none', { display_name: { first: 'Ada' } }, {}],
])('a listener with %s can sign in', async ([, fields, expected], { harness }) => {
  const me = person(fields)
  expect(await signIn(harness, me)).toMatchObject({ name: me.id, spotifyUserId: me.id, ...expected })
})

test.for<[Fields, Fields]>([
  [{ account_id: '' }, {}],
  [{}, { account_id: '' }],
  [{ account_id: null }, {}],
  [{}, { account_id: 7 }],
])(
  'a listener is recognized when Spotify sends an account id only once: %j, then %j',
  async ([first, then], { harness }) => {
    const me = person()
    const { id } = await signIn(harness, { ...me, ...first })
    for (const fields of [then, first, then, {}]) {
      const again = await signIn(harness, { ...me, ...fields })
      expect(again.id).toBe(id)
    }
    const { spotifyAccountId } = await db().user.findUniqueOrThrow({ where: { id } })
    expect(spotifyAccountId).toBe(me.account_id)
  },
)

test('two account ids are two listeners, even with the same user id', async ({ harness }) => {
  const me = person()
  const { id } = await signIn(harness, me)
  expect((await signIn(harness, { ...me, account_id: 'another' })).id).not.toBe(id)
})
