import { authenticated } from '../../../../../lib/auth.ts'
import { runProgress } from '../../../../../lib/listener/run-answers.ts'
import { answer } from '../../../answer.ts'

export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  return answer(async () => runProgress(await authenticated('read runs'), (await params).id))
}
