import { z } from 'zod'
import { answer, bodyOf } from '#app/api/answer.ts'
import { ChannelChange } from '#app/api/channels/form.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { changeChannel, removeChannel } from '#lib/notifications/channels.ts'

interface Context {
  params: Promise<{ id: string }>
}

export async function PUT(request: Request, { params }: Context) {
  return answer(async () => {
    const listener = await authenticated()
    return changeChannel(listener, (await params).id, await bodyOf(request, ChannelChange))
  })
}

export async function DELETE(request: Request, { params }: Context) {
  return answer(async () => {
    const listener = await authenticated()
    await bodyOf(request, z.object({}))
    return removeChannel(listener, (await params).id)
  })
}
