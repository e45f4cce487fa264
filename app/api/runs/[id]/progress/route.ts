import { answer } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { runProgress } from '#lib/runs/run-responses.ts'

export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => runProgress(await authenticated('read runs'), (await params).id))
}
