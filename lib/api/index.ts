import * as admin from './admin.ts'
import * as channels from './channels.ts'
import * as charts from './charts.ts'
import * as checks from './checks.ts'
import * as connections from './connections.ts'
import * as counting from './counting.ts'
import * as coverage from './coverage.ts'
import type { Endpoint } from './endpoint.ts'
import * as exclusions from './exclusions.ts'
import * as genres from './genres.ts'
import * as imports from './imports.ts'
import * as instance from './instance.ts'
import * as lake from './lake.ts'
import * as me from './me.ts'
import * as music from './music.ts'
import * as recordings from './recordings.ts'
import * as runs from './runs.ts'
import * as sessions from './sessions.ts'
import * as settings from './settings.ts'
import * as spotifyApp from './spotify-app.ts'
import * as sql from './sql.ts'
import * as tables from './tables.ts'
import * as tokens from './tokens.ts'
import * as warehouse from './warehouse.ts'

const isEndpoint = (value: object): value is Endpoint => 'method' in value && 'path' in value

const METHODS = ['GET', 'POST', 'PUT', 'DELETE']
const orderOf = ({ method, path }: Endpoint) => `${path} ${METHODS.indexOf(method)}`

/** All endpoints by contract name, grouped under the headings of docs/api.md. */
export const resources: { title: string; endpoints: [name: string, endpoint: Endpoint][] }[] = Object.entries({
  Charts: charts,
  'Songs, artists and albums': music,
  'What counts': counting,
  'Excluded plays': exclusions,
  Imports: imports,
  'Same recordings': recordings,
  Genres: genres,
  SQL: sql,
  Tables: { ...tables, ...checks, ...coverage },
  Runs: runs,
  Tokens: tokens,
  Sessions: sessions,
  'The listener': me,
  Connections: connections,
  'A Spotify app': spotifyApp,
  Settings: settings,
  'Your own Snowflake': warehouse,
  'Your lake': lake,
  Notifications: channels,
  Admins: admin,
  'The instance': instance,
}).map(([title, contracts]) => ({
  title,
  endpoints: Object.entries<object>(contracts)
    .filter((entry): entry is [string, Endpoint] => isEndpoint(entry[1]))
    .sort(([, one], [, other]) => orderOf(one).localeCompare(orderOf(other))),
}))

export const endpoints: Endpoint[] = resources.flatMap(({ endpoints }) => endpoints.map(([, endpoint]) => endpoint))
