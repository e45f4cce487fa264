import { answer, bodyOf } from '#app/api/answer.ts'
import { Form } from '#app/api/warehouse/form.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { testSnowflake } from '#lib/load/connection/connect.ts'

/** "Test connection" */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    return testSnowflake(listener.id, await bodyOf(request, Form))
  })
}
