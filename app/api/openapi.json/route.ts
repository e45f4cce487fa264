import { serve } from '#app/api/serve.ts'
import { getOpenApi } from '#lib/api/instance.ts'
import { openApi } from '#lib/api/openapi.ts'
import { cookieName } from '#lib/auth/cookies.ts'
import { appUrl } from '#lib/core/config.ts'
import { VERSION } from '#lib/core/version.ts'

export const dynamic = 'force-dynamic'

let document: ReturnType<typeof openApi> | undefined

/** Built once per process, because it is the same for everyone. */
export const GET = serve(getOpenApi, async () => {
  document ??= openApi({ server: appUrl(), version: VERSION, sessionCookie: cookieName('session-token') })
  return { ...document }
})
