import { callerOf, withinLimit } from '#app/api/limit.ts'
import { errorResponse } from '#app/api/serve.ts'
import { metrics, requireMetricsToken } from '#lib/ops/metrics/metrics.ts'

export const dynamic = 'force-dynamic'

/** Metrics for Prometheus, which authenticates with METRICS_TOKEN instead of a session. */
export async function GET(request: Request) {
  try {
    requireMetricsToken(request.headers.get('authorization'))
    const { text, contentType } = await withinLimit('queries', callerOf(request, null), () => metrics())
    return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
  } catch (error) {
    return errorResponse(error)
  }
}
