import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { requestLoads } from '#inngest/events.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { disconnectSnowflake } from '#lib/load/connection/change.ts'
import { saveSnowflake } from '#lib/load/connection/connect.ts'
import { snowflakeStatus } from '#lib/load/connection/status.ts'
import { Form } from './form.ts'

export async function GET() {
  return answer(async () => snowflakeStatus((await authenticated()).id))
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
    return snowflakeStatus(listener.id)
  })
}
