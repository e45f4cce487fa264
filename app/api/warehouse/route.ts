import { z } from 'zod'
import { requestLoads } from '../../../inngest/events.ts'
import { authenticated } from '../../../lib/auth.ts'
import { snowflakeAnswer } from '../../../lib/listener/snowflake/answer.ts'
import { disconnectSnowflake } from '../../../lib/listener/snowflake/change.ts'
import { saveSnowflake } from '../../../lib/listener/snowflake/connect.ts'
import { answer, bodyOf } from '../answer.ts'
import { Form } from './form.ts'

export async function GET() {
  return answer(async () => snowflakeAnswer((await authenticated()).id))
}

/** "Save": checks first; what passes is kept and loaded. */
export async function PUT(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    const { connectionId, ...checked } = await saveSnowflake(listener.id, await bodyOf(request, Form))
    if (connectionId) await requestLoads([connectionId])
    return checked
  })
}

/** "Disconnect Snowflake": what was loaded there stays. */
export async function DELETE(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    await disconnectSnowflake(listener.id)
    return snowflakeAnswer(listener.id)
  })
}
