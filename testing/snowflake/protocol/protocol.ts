import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { ServerContext } from '#testing/snowflake/account/context.ts'
import { Session } from '#testing/snowflake/account/session.ts'
import { type CredentialCheck, LoginData } from '#testing/snowflake/account/sign-in.ts'
import { runStatement, StatementBody } from '#testing/snowflake/engine/statement.ts'
import type { Faults } from '#testing/snowflake/faults.ts'
import { SnowflakeFailure, unsupported } from '#testing/snowflake/sql/failure.ts'
import type { TrafficLog } from '#testing/snowflake/traffic.ts'
import { applyFault, wait } from './apply-fault.ts'
import { readJson, send, sendJson } from './http.ts'
import { Queries, type Query, withTimeOut } from './queries.ts'
import { CHUNK_ROWS, dataOf, sendFailure, signedIn, VALID_SECONDS } from './responses.ts'

/** How long a response waits for its result before it says "in progress". */
const PATIENCE_MS = 100
const IN_PROGRESS = '333334'

/** The requests of the driver and their responses. */
export class Protocol {
  private readonly context: ServerContext
  private readonly credentials: CredentialCheck
  private readonly faults: Faults
  private readonly traffic: TrafficLog
  private readonly sessions = new Map<string, Session>()
  private readonly queries = new Queries()

  constructor(parts: { context: ServerContext; credentials: CredentialCheck; faults: Faults; traffic: TrafficLog }) {
    this.context = parts.context
    this.credentials = parts.credentials
    this.faults = parts.faults
    this.traffic = parts.traffic
  }

  /** @returns whether it was a request of the driver */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> {
    const { pathname } = url
    const query = /^\/queries\/([\w-]+)\/(result|abort-request)$/.exec(pathname)
    const chunk = /^\/chunks\/([\w-]+)\/(\d+)$/.exec(pathname)
    if (chunk) await this.chunk(response, chunk[1] ?? '', Number(chunk[2]))
    else if (request.method === 'GET' && query?.[2] === 'result') await this.resultOf(request, response, query[1] ?? '')
    else if (request.method !== 'POST') return false
    else if (pathname === '/session/v1/login-request') await this.signIn(request, response, url)
    else if (pathname === '/queries/v1/query-request') await this.statement(request, response, url)
    else if (pathname === '/session/token-request') await this.renew(request, response)
    else if (pathname === '/session/heartbeat') this.inSession(request, response)
    else if (pathname === '/session') await this.signOut(request, response)
    else if (query || pathname === '/queries/v1/abort-request') await this.abort(request, response, query?.[1])
    else if (pathname === '/telemetry/send')
      sendJson(response, { success: true, code: null, message: null, data: null })
    else return false
    return true
  }

  private async signIn(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const body = z.object({ data: LoginData }).parse(await readJson(request))
    const { data } = body
    const name = (data.LOGIN_NAME ?? '').toUpperCase()
    const account = data.ACCOUNT_NAME.toUpperCase()
    this.traffic.request('sign-in', name)
    // For an unknown account, the load balancer responds instead of Snowflake.
    if (account !== this.context.account.name) return send(response, 404, 'text/html', '<html>404 Not Found</html>')
    const effect = this.faults.hit('sign-in', name)
    if (effect && (await applyFault(effect, request, response))) return
    await this.guard(response, async () => {
      const { user, role } = this.credentials.admit(data, named(url.searchParams.get('roleName')))
      const connection = await this.context.engine.connect()
      const session = new Session(this.context.account, user.name, role, connection, data.SESSION_PARAMETERS)
      // None of these has to exist: only a statement that needs them fails.
      const { defaults } = user
      this.applyDefaults(session, {
        warehouse: named(url.searchParams.get('warehouse')) ?? defaults.warehouse,
        database: named(url.searchParams.get('databaseName')) ?? defaults.namespace?.[0],
        schema: named(url.searchParams.get('schemaName')) ?? defaults.namespace?.[1],
      })
      this.sessions.set(session.token, session)
      this.traffic.session(session)
      return signedIn(session)
    })
  }

  private applyDefaults(
    session: Session,
    requested: Record<'warehouse' | 'database' | 'schema', string | undefined>,
  ): void {
    const { account, role } = session
    const warehouse = account.warehouses.get(requested.warehouse ?? '')
    if (warehouse && account.may(role, 'WAREHOUSE', [warehouse.name], warehouse.owner, 'USAGE'))
      session.warehouse = warehouse.name
    const database = account.database(requested.database ?? '')
    if (!database || !account.may(role, 'DATABASE', [database.name], database.owner, 'USAGE')) return
    session.database = database.name
    const schema = database.schemas.get(requested.schema ?? '')
    if (schema && account.may(role, 'SCHEMA', [database.name, schema.name], schema.owner, 'USAGE'))
      session.schema = schema.name
  }

  private async statement(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const session = this.inSession(request, response, false)
    if (!session) return
    const requestId = url.searchParams.get('requestId') ?? randomUUID()
    const again = this.queries.find(session, requestId)
    if (again) return this.deliver(response, again)
    const parsed = StatementBody.safeParse(await readJson(request))
    if (!parsed.success) return sendFailure(response, unsupported(z.prettifyError(parsed.error)))
    const body = parsed.data
    const received = this.traffic.statement(session, body)
    const effect = this.faults.hit('statement', session.user, body.sqlText)
    if (effect && effect.kind !== 'slow' && (await applyFault(effect, request, response))) {
      if (effect.kind === 'refuse' && effect.code === '390112') session.expired = true
      return
    }
    const seconds = Number(body.parameters.STATEMENT_TIMEOUT_IN_SECONDS ?? 0)
    const { engine, stages } = this.context
    const query = this.queries.start(
      session,
      requestId,
      (signal) => runStatement(session, body, { engine, stages, signal, received }),
      effect?.kind === 'slow' ? effect.ms : 0,
    )
    query.outcome = withTimeOut(query.outcome, () => query.abort.abort(), seconds)
    query.outcome.catch(() => {})
    // As in Snowflake, a statement keeps running if its client disconnects.
    if (effect?.kind === 'cut' || effect?.kind === 'refuse') {
      await query.outcome.catch(() => {})
      if (effect.kind === 'cut') request.socket.destroy()
      else sendFailure(response, new SnowflakeFailure(effect.code, effect.message, effect.sqlState))
      return
    }
    await this.deliver(response, query)
  }

  private async resultOf(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const session = this.inSession(request, response, false)
    const query = this.queries.get(id)
    if (!session) return
    if (!query || query.session !== session)
      return sendFailure(response, new SnowflakeFailure('000709', 'Statement not found'))
    this.traffic.request('poll', session.user)
    await this.deliver(response, query)
  }

  /** Responds with the result, or with "in progress" if it takes longer. */
  private async deliver(response: ServerResponse, query: Query): Promise<void> {
    if (await isLate(query)) {
      const data = { queryId: query.id, getResultUrl: `/queries/${query.id}/result` }
      return sendJson(response, { success: true, code: IN_PROGRESS, message: 'Query execution in progress.', data })
    }
    await this.guard(response, async () => dataOf(query, await query.outcome, this.context.url), query.id)
  }

  /** A part of a large result, which anyone who knows its address can fetch. */
  private async chunk(response: ServerResponse, id: string, number: number): Promise<void> {
    const outcome = await this.queries.get(id)?.outcome
    const rows = outcome && 'result' in outcome ? outcome.result.rows : []
    const part = rows.slice(number * CHUNK_ROWS, (number + 1) * CHUNK_ROWS)
    // Without the brackets around all rows, as the driver expects.
    send(response, 200, 'application/octet-stream', JSON.stringify(part).slice(1, -1))
  }

  private async renew(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = tokenOf(request)
    const session = [...this.sessions.values()].find(({ masterToken }) => masterToken === token)
    const effect = this.faults.hit('renewal', session?.user ?? '')
    if (effect && (await applyFault(effect, request, response))) return
    if (!session)
      return sendFailure(response, new SnowflakeFailure('390114', 'Authentication token has expired.', '08001'))
    this.traffic.request('renewal', session.user)
    this.sessions.delete(session.token)
    session.token = randomUUID()
    session.masterToken = randomUUID()
    session.expired = false
    this.sessions.set(session.token, session)
    const { token: sessionToken, masterToken } = session
    const data = {
      sessionToken,
      masterToken,
      validityInSecondsST: VALID_SECONDS,
      validityInSecondsMT: 4 * VALID_SECONDS,
    }
    sendJson(response, { success: true, code: null, message: null, data })
  }

  private async signOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = this.sessions.get(tokenOf(request) ?? '')
    const effect = this.faults.hit('sign-out', session?.user ?? '')
    if (effect && (await applyFault(effect, request, response))) return
    if (session) this.end(session)
    this.traffic.request('sign-out', session?.user ?? '')
    sendJson(response, { success: true, code: null, message: null, data: null })
  }

  private end(session: Session): void {
    this.queries.abortAll(session)
    this.sessions.delete(session.token)
    this.traffic.ended(session)
    session.connection.closeSync()
  }

  /** How many sessions are open. A client that forgets to sign out leaves one behind. */
  openSessions(): number {
    return this.sessions.size
  }

  /** Ends all sessions, as Snowflake does with idle ones. */
  endSessions(): void {
    for (const session of [...this.sessions.values()]) this.end(session)
  }

  private async abort(request: IncomingMessage, response: ServerResponse, id: string | undefined): Promise<void> {
    const session = this.inSession(request, response, false)
    if (!session) return
    const body = z.object({ requestId: z.string().optional() }).parse(await readJson(request))
    const query = id === undefined ? this.queries.find(session, body.requestId ?? '') : this.queries.get(id)
    if (query?.session === session) query.abort.abort()
    this.traffic.request('abort', session.user)
    sendJson(response, { success: true, code: null, message: null, data: null })
  }

  /** The session of a request; without one, sends the failure. */
  private inSession(request: IncomingMessage, response: ServerResponse, confirm = true): Session | undefined {
    const session = this.sessions.get(tokenOf(request) ?? '')
    if (!session)
      sendFailure(
        response,
        new SnowflakeFailure('390111', 'Session no longer exists.  New login required to access the service.', '08001'),
      )
    else if (session.expired)
      sendFailure(response, new SnowflakeFailure('390112', 'Your session has expired. Please login again.', '08001'))
    else {
      if (confirm) sendJson(response, { success: true, code: null, message: null, data: null })
      return session
    }
    return undefined
  }

  private async guard(response: ServerResponse, work: () => Promise<unknown>, queryId?: string): Promise<void> {
    try {
      sendJson(response, { success: true, code: null, message: null, data: await work() })
    } catch (error) {
      if (error instanceof SnowflakeFailure) this.traffic.failure(error)
      if (error instanceof SnowflakeFailure) sendFailure(response, error, queryId)
      else throw error
    }
  }
}

function tokenOf(request: IncomingMessage): string | undefined {
  return /^Snowflake Token="(.*)"$/.exec(request.headers.authorization ?? '')?.[1]
}

/** A name in the query of a sign-in: folded to upper case unless it is quoted. */
function named(text: string | null): string | undefined {
  if (text === null || text === '') return undefined
  return /^".*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text.toUpperCase()
}

async function isLate(query: Query): Promise<boolean> {
  const rest = query.slowUntil - Date.now()
  if (rest > PATIENCE_MS) {
    await wait(PATIENCE_MS)
    return true
  }
  if (rest > 0) await wait(rest)
  return false
}
