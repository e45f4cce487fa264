import { serve } from '#app/api/serve.ts'
import { getKeys, reseal } from '#lib/api/admin.ts'
import { encryptionKeys, resealSome } from '#lib/ops/encryption-keys.ts'

export const GET = serve(getKeys, () => encryptionKeys())

/** "Encrypt with the newest key". */
export const POST = serve(reseal, ({ listener }) => resealSome(listener.id))
