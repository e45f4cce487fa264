import { authenticated } from '../../../lib/auth.ts'
import { addChannel, channelsOf } from '../../../lib/listener/telling/channels.ts'
import { answer, bodyOf } from '../answer.ts'
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
