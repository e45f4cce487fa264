import { authenticated } from '../../../lib/auth.ts'
import { connections } from '../../../lib/listener/status.ts'
import { answer } from '../answer.ts'

export async function GET() {
  return answer(async () => connections(await authenticated()))
}
