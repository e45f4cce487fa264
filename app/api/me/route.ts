import { answer } from '#app/api/answer.ts'
import { me } from '#lib/accounts/status.ts'
import { authenticated } from '#lib/auth/auth.ts'

export async function GET() {
  return answer(async () => me(await authenticated()))
}
