import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { enterOwnApp } from '#lib/accounts/own-app.ts'
import { authenticated, currentListener } from '#lib/auth/auth.ts'

const Form = z.object({
  clientId: z.string().trim().max(200),
  clientSecret: z.string().trim().max(200),
  sameDeveloperAs: z.string().max(200).nullish(),
  save: z.boolean().default(false),
})

/** Checks a Spotify app of a listener's own, and keeps it: with a session, or with the link of an invite. */
export async function POST(request: Request) {
  return answer(async () => {
    // Who asks comes first: to a stranger every body is answered alike.
    const { invite } = await bodyOf(request.clone(), z.looseObject({ invite: z.string().max(200).optional() }))
    const bringer =
      invite && !(await currentListener()) ? { listener: null, invite } : { listener: await authenticated() }
    const { sameDeveloperAs = null, ...form } = await bodyOf(request, Form)
    return enterOwnApp(bringer, { ...form, sameDeveloperAs })
  })
}
