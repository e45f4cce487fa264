import type { RefusalCode } from '#lib/core/errors.ts'
import type { Endpoint } from './endpoint.ts'

/** Every code with which an endpoint may refuse a request. */
export function refusalsOf({ access, recentSignIn, method, limit, errors = [] }: Endpoint): RefusalCode[] {
  return [
    ...OF_EVERYTHING,
    ...ofAccess(access),
    ...(recentSignIn ? OF_RECENT_SIGN_INS : []),
    ...(method === 'GET' ? [] : OF_CHANGES),
    ...(limit ? OF_LIMITS : []),
    ...errors,
  ]
}

const OF_EVERYTHING: RefusalCode[] = ['bad-request', 'busy']
const OF_CHANGES: RefusalCode[] = ['foreign-origin', 'bad-json', 'too-large', 'too-slow']
const OF_RECENT_SIGN_INS: RefusalCode[] = ['confirm-sign-in']
const OF_LIMITS: RefusalCode[] = ['too-many-requests']
const SIGNED_OUT: RefusalCode[] = ['signed-out', 'unknown-token', 'token-ended']

function ofAccess(access: Endpoint['access']): RefusalCode[] {
  if (typeof access === 'object') return [...SIGNED_OUT, 'scope-missing']
  if (access === 'public') return []
  if (access === 'setup') return ['not-found']
  return [...SIGNED_OUT, 'no-tokens-here', ...(access === 'admin' ? (['not-found'] as const) : [])]
}
