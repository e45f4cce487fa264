import { answer } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { runDetail } from '#lib/runs/run-responses.ts'

export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => runDetail(await authenticated('read runs'), (await params).id))
}
