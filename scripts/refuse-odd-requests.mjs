// Loaded before Next (node --import). Responds with 400 to an address or cookie that contains an encoded control character,
// such as %00, which Postgres and files can't take. Next would hand it to pages, routes and next-auth alike. app/api/serve.ts
// checks bodies.
import { Server } from 'node:http'

// All of U+0000 to U+001F except tab and line breaks, and U+007F.
const ODD = /%(?:0[0-8bcef]|1[0-9a-f]|7f)/i

const BODY = JSON.stringify({
  error: {
    code: 'bad-request',
    message: 'The address or a cookie contains a control character',
    remedy: 'Correct the address, or delete the cookies of this site.',
  },
})

const { emit } = Server.prototype

Server.prototype.emit = function refuseOddRequests(event, request, response, ...rest) {
  const isOdd = event === 'request' && (ODD.test(request.url ?? '') || ODD.test(request.headers.cookie ?? ''))
  if (!isOdd) return emit.call(this, event, request, response, ...rest)
  // The rest of the body isn't read.
  response.writeHead(400, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(BODY)
  return true
}
