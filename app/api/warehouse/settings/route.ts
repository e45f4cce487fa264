import { z } from 'zod'
import { authenticated } from '../../../../lib/auth.ts'
import { snowflakeAnswer } from '../../../../lib/listener/snowflake/answer.ts'
import { changeSnowflake } from '../../../../lib/listener/snowflake/change.ts'
import { answer, bodyOf } from '../../answer.ts'

const Change = z.object({
  cadence: z.enum(['daily', '6-hourly', 'hourly', 'every extract']).optional(),
  addRecordMetadata: z.boolean().optional(),
  methods: z.record(z.string().max(100), z.enum(['overwrite', 'append', 'upsert'])).optional(),
})

export async function PUT(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    await changeSnowflake(listener.id, await bodyOf(request, Change))
    return snowflakeAnswer(listener.id)
  })
}
