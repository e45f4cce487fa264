// The borders of this project: imports go down only. Edges (app, inngest, e2e, scripts) call the features of lib; below
// them lie the registries, the adapters and the core. `npm run test:borders` checks it.
// dependency-cruiser needs @swc/core beside it: with TypeScript 7 alone it sees no files and reports success.

/** The folders of lib, top first. A folder imports from those below it only, so there is no cycle between folders. */
const FOLDER_ORDER = [
  'ops',
  'auth',
  'accounts',
  'sync',
  'schedule',
  'extract',
  'imports',
  'genres',
  'lake',
  'load',
  'pairing',
  'notifications',
  'sql',
  'query',
  'quota',
  'runs',
  'storage',
  'api',
  'charts',
  'models',
  'streams',
  'spotify',
  '(warehouse|landing|s3|glue|channels|musicbrainz)',
  '(db|audit|instance-id|planning)[.]ts',
  'core',
]

/** @param {string} layer */
const pathOf = (layer) => `^lib/${layer}${layer.endsWith('[.]ts') ? '$' : '/'}`
/** @param {string} layer a file of it that does not exist, or exists */
const fileOf = (layer) => {
  const name = layer.replace(/[(|].*$/, '') || layer.replace(/^[(]/, '').split('|')[0]
  return layer.endsWith('[.]ts') ? `lib/${name}.ts` : `lib/${name}/planted.ts`
}

const core = '^lib/core/'
const registries = '^lib/(streams|charts)/'
const adapters = '^lib/(spotify/|warehouse/|landing/|s3/|glue/|channels/|musicbrainz/|db[.]ts$)'
// What describes responses and drawings, or compares what is typed, and holds no data: the only part of lib that is sent
// to a browser.
const shapes =
  '^lib/(api/(?!(charts|index|openapi)[.]ts$)|channels/kinds[.]ts$|core/(table|csv|confirmation|durations|errors|period|sql-parameters|zones)[.]ts$|charts/chart[.]ts$|models/(counting|outcomes)[.]ts$|streams/time-ranges[.]ts$|warehouse/(facts|identifiers|snowflake/setup/(account|block|cost|identifier|limits|script))[.]ts$)'
const simulator = '^simulator/'
const scripts = '^(scripts|e2e)/'
// Tests, and the files that exist for them alone.
const tests =
  '(^testing/|[.](test|bench)[.]tsx?$|/testing([.]ts$|/)|/(fixtures|every-warehouse|load-until-killed)[.]ts$)'
const serverParts = [
  '^app/api/',
  '^app/(?!_ui/).*[/-](page|layout|route|visitor)[.]tsx?$',
  '^app/(page|layout|not-found)[.]tsx$',
]

/**
 * @typedef {{ path?: string | string[], pathNot?: string | string[] }} Side
 * @typedef {{ file: string, imports: string }} Example a file that does not exist and what it must not import
 * @typedef {{ name: string, comment: string, severity: 'error', from: Side, to: Side & { circular?: boolean, couldNotResolve?: boolean } }} Rule
 */

/**
 * One rule and an import that breaks it. The check plants the import and wants to see it caught, because a rule whose
 * pattern matches nothing guards nothing.
 *
 * @param {string} name
 * @param {string} comment
 * @param {Rule['from']} from
 * @param {Rule['to']} to
 * @param {Example} example
 */
function border(name, comment, from, to, example) {
  return { rule: /** @type {Rule} */ ({ name, comment, severity: 'error', from, to }), example }
}

/**
 * A package that one place of the project knows.
 *
 * @param {string} name
 * @param {string[]} homes where it may be imported
 */
function home(name, ...homes) {
  return border(
    `one-place-for-${name.replaceAll(/[@/]/g, ' ').trim().replaceAll(' ', '-')}`,
    `${name} is known to one place, so that it can be replaced there.`,
    { pathNot: homes },
    { path: `(^|/)node_modules/${name}/` },
    { file: 'lib/accounts/planted.ts', imports: name },
  )
}

/** Each folder of lib against those above it. */
const floors = FOLDER_ORDER.slice(1).map((layer, index) => {
  const above = FOLDER_ORDER.slice(0, index + 1)
  return border(
    `${layer.replaceAll(/\W+/g, '-').replace(/^-|-ts$/g, '')}-imports-down`,
    'Folders of lib import from those below them only; the order is FOLDER_ORDER in .dependency-cruiser.mjs.',
    { path: pathOf(layer), pathNot: tests },
    { path: above.map(pathOf) },
    { file: fileOf(layer), imports: 'lib/ops/health.ts' },
  )
})

export const borders = [
  ...floors,
  border(
    'no-cycle',
    'Two files that need each other are one file.',
    {},
    { circular: true },
    { file: 'lib/extract/planted.ts', imports: 'lib/extract/planted.ts' },
  ),
  border(
    'imports-are-found',
    'An import that cannot be followed cannot be guarded.',
    {},
    { couldNotResolve: true },
    { file: 'lib/extract/planted.ts', imports: 'lib/extract/nowhere.ts' },
  ),
  border(
    'lib-has-no-other-folder',
    'Every folder of lib is listed in FOLDER_ORDER; otherwise no rule covers it.',
    { path: '^lib/', pathNot: FOLDER_ORDER.map(pathOf) },
    {},
    { file: 'lib/elsewhere/planted.ts', imports: 'lib/core/clock.ts' },
  ),
  border(
    'lib-never-calls-out',
    'lib is called by the edges.',
    { path: '^lib/', pathNot: tests },
    { path: ['^(app|inngest)/', scripts] },
    { file: 'lib/extract/planted.ts', imports: 'inngest/client.ts' },
  ),
  border(
    'scripts-are-no-library',
    'What the product needs is in lib; scripts start, test and measure it.',
    { path: '^(app|inngest|proxy|instrumentation)', pathNot: tests },
    { path: scripts },
    { file: 'inngest/functions/planted.ts', imports: 'scripts/ports.ts' },
  ),
  border(
    'tests-stay-outside',
    'The product contains nothing that exists for tests.',
    { path: '^(app|lib|inngest|simulator|proxy|instrumentation)', pathNot: tests },
    { path: tests },
    { file: 'lib/streams/planted.ts', imports: 'lib/streams/fixtures.ts' },
  ),
  border(
    'core-stands-alone',
    'The core imports only packages and itself.',
    { path: core },
    { path: '^(lib|app|inngest|prisma)/', pathNot: core },
    { file: 'lib/core/planted.ts', imports: 'lib/db.ts' },
  ),
  border(
    'adapters-do-not-meet',
    'One outside system per folder.',
    { path: '^lib/(spotify|warehouse|landing|glue|channels|db)[/.]', pathNot: tests },
    // A landing zone may be in S3.
    { path: adapters, pathNot: ['^lib/$1[/.]', '^lib/s3/'] },
    { file: 'lib/warehouse/planted.ts', imports: 'lib/landing/landing.ts' },
  ),
  border(
    'registries-are-data',
    'An entry describes; the features do the work.',
    { path: registries, pathNot: tests },
    { path: ['^lib/(warehouse|landing)/', '^lib/db[.]ts$'] },
    { file: 'lib/charts/planted.ts', imports: 'lib/db.ts' },
  ),
  border(
    'registries-read-shapes-only',
    'A stream knows the shape of a response, not how it is fetched.',
    { path: registries, pathNot: tests },
    { path: '^lib/spotify/', pathNot: '/objects[.]ts$' },
    { file: 'lib/streams/planted.ts', imports: 'lib/spotify/client.ts' },
  ),
  border(
    'simulator-is-not-spotify',
    'The product only ever meets the simulated Spotify over HTTP, like the real one.',
    { pathNot: [scripts, simulator, tests] },
    { path: simulator },
    { file: 'lib/spotify/planted.ts', imports: 'simulator/simulator.ts' },
  ),
  border(
    'simulator-shares-no-mistake',
    'It shares nothing with the client that it tests, or a wrong field name would be right on both sides.',
    { path: simulator, pathNot: tests },
    { path: '^(lib|app|inngest|scripts)/', pathNot: core },
    { file: 'simulator/planted.ts', imports: 'lib/spotify/objects.ts' },
  ),
  border(
    'pages-call-features',
    'Pages and routes call features; what is stored where is not their business.',
    { path: '^app/', pathNot: tests },
    { path: [registries, adapters, '^lib/(extract|storage)/', '^lib/load/(?!connection/)'], pathNot: shapes },
    { file: 'app/api/planted/route.ts', imports: 'lib/db.ts' },
  ),
  border(
    'components-get-data',
    'A component may run in the browser; it gets its data from the page, layout or route.',
    { path: '^app/', pathNot: [...serverParts, tests] },
    { path: ['^lib/', ...serverParts], pathNot: shapes },
    { file: 'app/(dashboard)/overview/planted.tsx', imports: 'lib/query/query-chart.ts' },
  ),
  border(
    'shapes-stand-alone',
    'What reaches the browser pulls nothing of the server after it.',
    // It hands on the types of all contracts, and nothing else of them.
    { path: shapes, pathNot: ['^lib/api/client[.]ts$', tests] },
    { path: '^lib/', pathNot: shapes },
    { file: 'lib/api/runs.ts', imports: 'lib/core/config.ts' },
  ),
  border(
    'proxy-stays-small',
    'It runs before every response.',
    { path: '^proxy[.]ts$' },
    { path: '^(lib|app|inngest|prisma)/', pathNot: core },
    { file: 'proxy.ts', imports: 'lib/auth/auth.ts' },
  ),
  border(
    'pages-send-events',
    'A page requests a run; it does not run it.',
    { path: '^app/', pathNot: ['^app/api/inngest/', tests] },
    { path: '^inngest/', pathNot: '^inngest/(client|events)[.]ts$' },
    { file: 'app/api/planted/route.ts', imports: 'inngest/functions/plan.ts' },
  ),
  border(
    'jobs-call-features',
    'A job says when; lib says what.',
    { path: '^inngest/', pathNot: tests },
    { path: [registries, adapters, '^app/'] },
    { file: 'inngest/functions/planted.ts', imports: 'lib/warehouse/index.ts' },
  ),
  border(
    'engine-knows-no-job',
    'The embedded engine speaks a protocol and could run any functions.',
    { path: '^inngest/engine/', pathNot: tests },
    { path: '^(lib|app|inngest|prisma)/', pathNot: ['^inngest/engine/', core] },
    { file: 'inngest/engine/planted.ts', imports: 'lib/schedule/plan.ts' },
  ),
  border(
    'jobs-know-no-engine',
    'Inngest itself can take the place of the embedded engine.',
    { path: '^(app|lib|inngest)/', pathNot: ['^inngest/engine/', tests] },
    { path: '^inngest/engine/' },
    { file: 'inngest/functions/planted.ts', imports: 'inngest/engine/engine.ts' },
  ),
  border(
    'only-db-opens-prisma',
    'Only lib/db.ts opens the app database.',
    { pathNot: '^(lib/db[.]ts$|prisma/)' },
    { path: '^prisma/client/' },
    { file: 'lib/extract/planted.ts', imports: 'prisma/client/client.ts' },
  ),
  border(
    'lib-runs-anywhere',
    'lib needs no web server and no browser; signing in is about both.',
    { path: '^lib/', pathNot: '^lib/auth/' },
    { path: '(^|/)node_modules/(next|react|react-dom)/' },
    { file: 'lib/accounts/planted.ts', imports: 'next/headers' },
  ),
  home('pg', '^(lib/db[.]ts$|inngest/engine/|scripts/)', tests),
  home('@prisma/adapter-pg', '^(lib/db[.]ts$|scripts/)', tests),
  home('@duckdb/node-api', '^lib/warehouse/duckdb/', tests),
  home('@aws-sdk/client-s3', '^lib/s3/'),
  home('@aws-sdk/client-glue', '^lib/glue/'),
  home('@aws-sdk/client-secrets-manager', '^scripts/secret-settings[.]ts$'),
  home('snowflake-sdk', '^lib/warehouse/snowflake/'),
  home('hyparquet-writer', '^lib/query/files/'),
  home('client-zip', '^lib/query/files/'),
  home('yauzl', '^lib/imports/reader/', tests),
  home('csv-parse', '^lib/imports/reader/', tests),
  home('recharts', '^app/_ui/draw/'),
  home('inngest', '^inngest/(?!engine/)', '^app/api/inngest/', tests),
  home('graphile-worker', '^inngest/engine/'),
  home('nodemailer', '^lib/channels/'),
  home('prom-client', '^lib/ops/metrics/'),
  home('next-auth', '^(lib/auth/|app/api/auth/)'),
  home('@next-auth/prisma-adapter', '^lib/auth/'),
]

/** @type {import('dependency-cruiser').ICruiseOptions} */
const options = {
  doNotFollow: { path: ['node_modules', '^prisma/client/'] },
  tsPreCompilationDeps: true,
  parser: 'swc',
  moduleSystems: ['es6'],
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['import', 'require', 'node', 'default', 'types'],
  },
}

export default { forbidden: borders.map(({ rule }) => rule), options }
