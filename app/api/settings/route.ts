import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { changeSettings, settingsOf } from '#lib/accounts/status.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { isZone } from '#lib/core/zones.ts'

const Change = z.object({
  zone: z.string().max(60).refine(isZone, 'is no time zone, for example Europe/Berlin').optional(),
  weekStart: z.number().int().min(1).max(7).optional(),
})

export async function GET() {
  return answer(async () => settingsOf(await authenticated()))
}

export async function PUT(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    return changeSettings(listener, await bodyOf(request, Change))
  })
}
