import { authenticated } from '../../../../lib/auth.ts'
import { testSnowflake } from '../../../../lib/listener/snowflake/connect.ts'
import { answer, bodyOf } from '../../answer.ts'
import { Form } from '../form.ts'

/** "Test connection" */
export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    return testSnowflake(listener.id, await bodyOf(request, Form))
  })
}
