import { z } from 'zod'
import type { Target } from '#lib/channels/index.ts'
import { seal, unseal } from '#lib/core/seal.ts'
import type { SealedPlace } from '#lib/core/sealed-columns.ts'

/** A channel's address and secret, sealed together in one column. */

const Sealed = z.object({ address: z.string(), secret: z.string().optional() })

const targetPlace = (channelId: string): SealedPlace => ({
  table: 'NotificationChannel',
  row: channelId,
  column: 'target',
})

export function sealTarget(channelId: string, target: Target): string {
  return seal(JSON.stringify(target), targetPlace(channelId))
}

export function openTarget({ id, target }: { id: string; target: string }): Target {
  return Sealed.parse(JSON.parse(unseal(target, targetPlace(id))))
}
