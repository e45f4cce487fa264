import { errorResponse } from '#app/api/serve.ts'
import { metrics, requireMetricsToken } from '#lib/ops/metrics/metrics.ts'

export const dynamic = 'force-dynamic'

/** For Prometheus; who scrapes has no session but the token of the settings. */
export async function GET(request: Request) {
  try {
    requireMetricsToken(request.headers.get('authorization'))
    const { text, contentType } = await metrics()
    return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
  } catch (thrown) {
    return errorResponse(thrown)
  }
}
