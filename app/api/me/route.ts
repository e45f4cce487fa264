import { authenticated } from '../../../lib/auth.ts'
import { me } from '../../../lib/listener/status.ts'
import { answer } from '../answer.ts'

export async function GET() {
  return answer(async () => me(await authenticated()))
}
