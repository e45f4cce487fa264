import { answer, bodyOf } from '#app/api/answer.ts'
import { authenticated } from '#lib/auth/auth.ts'
import { addChannel, channelsOf } from '#lib/notifications/channels.ts'
import { NewChannel } from './form.ts'

export async function GET() {
  return answer(async () => channelsOf(await authenticated()))
}

export async function POST(request: Request) {
  return answer(async () => {
    const listener = await authenticated()
    return addChannel(listener, await bodyOf(request, NewChannel))
  }, 201)
}
