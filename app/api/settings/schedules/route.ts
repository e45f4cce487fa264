import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { settingsOf } from '#lib/accounts/status.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { changeSchedule } from '#lib/schedule/schedules.ts'

const hour = (least: number, most: number) =>
  z.int().min(least, `lies between ${least} and ${most}`).max(most, `lies between ${least} and ${most}`)

const Change = z.object({
  group: z.string().max(60),
  kind: z.enum(['recommended', 'every 15 minutes', 'every 30 minutes', 'hourly', 'daily', 'weekly', 'off']).optional(),
  fromHour: hour(0, 23).optional(),
  toHour: hour(1, 24).optional(),
  at: z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d$/, 'is no time of day, for example 7:30')
    .nullish(),
  weekday: z.int().min(1).max(7).nullish(),
  label: z.string().max(60, 'is longer than 60 characters').nullish(),
  paused: z.boolean().optional(),
})

export async function PUT(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    await changeSchedule(listener, await bodyOf(request, Change))
    return settingsOf(listener)
  })
}
