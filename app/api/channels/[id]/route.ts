import { z } from 'zod'
import { authenticated } from '../../../../lib/auth.ts'
import { changeChannel, removeChannel } from '../../../../lib/listener/telling/channels.ts'
import { answer, bodyOf } from '../../answer.ts'
import { ChannelChange } from '../form.ts'

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
