import { authenticated } from '../../../../lib/auth.ts'
import { runDetail } from '../../../../lib/listener/run-answers.ts'
import { answer } from '../../answer.ts'

export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => runDetail(await authenticated('read runs'), (await params).id))
}
