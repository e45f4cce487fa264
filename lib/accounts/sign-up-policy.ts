import { settings } from '#lib/core/config.ts'
import { onlyThisMachine } from '#lib/core/loopback.ts'

export type SignUps = 'open' | 'invite' | 'closed'

/** Who may sign up once somebody has: the setting decides; without it whoever reaches this machine, else invites. */
export function signUps(): SignUps {
  return settings().SIGN_UPS ?? (onlyThisMachine(settings()) ? 'open' : 'invite')
}
