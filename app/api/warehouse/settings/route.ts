import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { changeSnowflake } from '#lib/load/connection/change.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'

const Change = z.object({
  cadence: z.enum(['daily', '6-hourly', 'hourly', 'every extract']).optional(),
  addRecordMetadata: z.boolean().optional(),
  methods: z.record(z.string().max(100), z.enum(['overwrite', 'append', 'upsert'])).optional(),
})

export async function PUT(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    await changeSnowflake(listener.id, await bodyOf(request, Change))
    return snowflakeStatus(listener.id)
  })
}
