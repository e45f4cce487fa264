import { settings } from '#lib/core/config.ts'
import { isLocalOnly } from '#lib/core/loopback.ts'

export type SignUps = 'open' | 'invite' | 'closed'

/** Who may sign up after the first listener: SIGN_UPS decides; by default anyone on a loopback-only instance, otherwise by invite. */
export function signUpPolicy(): SignUps {
  return settings().SIGN_UPS ?? (isLocalOnly(settings()) ? 'open' : 'invite')
}
