import { health } from '#lib/ops/health.ts'

export const dynamic = 'force-dynamic'

/** Open to everybody: states only. */
export async function GET() {
  const answer = await health()
  return Response.json(answer, {
    status: answer.status === 'down' ? 503 : 200,
    headers: { 'cache-control': 'no-store' },
  })
}
