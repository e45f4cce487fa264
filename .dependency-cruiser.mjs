// The borders between the folders of this project: imports only go down, from edges (app, inngest, e2e, scripts) to
// deeds (pipeline, listener, ask, auth), to lists and doors, to the ground. `npm run test:borders` checks them.
// dependency-cruiser needs @swc/core beside it: with TypeScript 7 alone it sees no files and reports success.

// Every file that lies directly in lib and is no deed and no door.
const ground = '^lib/(?!(ask|auth|db)[.])[a-z-]+[.]ts$'
const lists = '^lib/(streams|models|charts)/'
const doors = '^lib/(sources/|warehouse/|landing/|channels/|db[.]ts$)'
const deeds = '^lib/(pipeline/|listener/|ask[.]ts$|auth[.]ts$)'
// What describes answers and drawings, or compares what is typed, and holds no data: the only part of lib that is sent
// to a browser.
const shapes =
  '^lib/(answers|table|confirmation|charts/chart|charts/top-list|warehouse/snowflake/(account|identifier|script|cost))[.]ts$'
const simulator = '^lib/sources/spotify/simulator/'
const scripts = '^(scripts|e2e)/'
// Tests, and the files that exist for them alone.
const tests = '([.](test|bench)[.]tsx?$|/testing([.]ts$|/)|/(fixtures|every-warehouse|load-until-killed)[.]ts$)'
const serverParts = ['^app/api/', '^app/(?!_ui/).*[/-](page|layout|route|visitor)[.]tsx?$', '^app/(page|layout)[.]tsx$']

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
    `one-door-for-${name.replaceAll(/[@/]/g, ' ').trim().replaceAll(' ', '-')}`,
    `${name} is known to one place, so that it can be replaced there.`,
    { pathNot: homes },
    { path: `(^|/)node_modules/${name}/` },
    { file: 'lib/listener/planted.ts', imports: name },
  )
}

export const borders = [
  border(
    'no-cycle',
    'Two files that need each other are one file.',
    {},
    { circular: true },
    { file: 'lib/pipeline/planted.ts', imports: 'lib/pipeline/planted.ts' },
  ),
  border(
    'imports-are-found',
    'An import that cannot be followed cannot be guarded.',
    {},
    { couldNotResolve: true },
    { file: 'lib/pipeline/planted.ts', imports: 'lib/pipeline/nowhere.ts' },
  ),
  border(
    'lib-never-calls-out',
    'lib is called by the edges.',
    { path: '^lib/', pathNot: tests },
    { path: ['^(app|inngest)/', scripts] },
    { file: 'lib/pipeline/planted.ts', imports: 'inngest/client.ts' },
  ),
  border(
    'scripts-are-no-library',
    'What the product needs lies in lib; scripts start, test and measure it.',
    { path: '^(app|inngest|proxy|instrumentation)', pathNot: tests },
    { path: scripts },
    { file: 'inngest/functions/planted.ts', imports: 'scripts/ports.ts' },
  ),
  border(
    'tests-stay-outside',
    'The product contains nothing that exists for tests.',
    { path: '^(app|lib|inngest|proxy|instrumentation)', pathNot: tests },
    { path: tests },
    { file: 'lib/streams/planted.ts', imports: 'lib/streams/fixtures.ts' },
  ),
  border(
    'ground-stands-alone',
    'Ground imports only packages and ground.',
    { path: ground },
    { path: '^(lib|app|inngest|prisma)/', pathNot: ground },
    { file: 'lib/planted.ts', imports: 'lib/db.ts' },
  ),
  border(
    'doors-know-no-deed',
    'A door moves bytes; it does not decide.',
    { path: doors, pathNot: tests },
    { path: [lists, deeds] },
    { file: 'lib/landing/planted.ts', imports: 'lib/pipeline/plan.ts' },
  ),
  border(
    'doors-do-not-meet',
    'One outside system per folder.',
    { path: '^lib/(sources/[^/]+|warehouse|landing|channels|db)[/.]', pathNot: tests },
    { path: doors, pathNot: '^lib/$1[/.]' },
    { file: 'lib/warehouse/planted.ts', imports: 'lib/landing/landing.ts' },
  ),
  border(
    'lists-are-data',
    'A declaration describes; the pipeline does.',
    { path: lists, pathNot: tests },
    { path: [deeds, '^lib/(warehouse/|landing/|db[.]ts$)'] },
    { file: 'lib/charts/planted.ts', imports: 'lib/db.ts' },
  ),
  border(
    'lists-read-shapes-only',
    'A stream knows the shape of an answer, not how it is fetched.',
    { path: lists, pathNot: tests },
    { path: '^lib/sources/', pathNot: '/objects[.]ts$' },
    { file: 'lib/streams/planted.ts', imports: 'lib/sources/spotify/client.ts' },
  ),
  border(
    'lists-do-not-mix',
    'They meet only in the warehouse.',
    { path: '^lib/(streams|models|charts)/' },
    { path: lists, pathNot: '^lib/$1/' },
    { file: 'lib/charts/planted.ts', imports: 'lib/streams/index.ts' },
  ),
  border(
    'simulator-is-not-spotify',
    'The product only ever meets the simulated Spotify over HTTP, like the real one.',
    { pathNot: [scripts, simulator, tests] },
    { path: simulator },
    { file: 'lib/sources/spotify/planted.ts', imports: 'lib/sources/spotify/simulator/simulator.ts' },
  ),
  border(
    'simulator-shares-no-mistake',
    'It shares nothing with the client that it tests, or a wrong field name would be right on both sides.',
    { path: simulator, pathNot: tests },
    { path: '^lib/', pathNot: [simulator, ground] },
    { file: 'lib/sources/spotify/simulator/planted.ts', imports: 'lib/sources/spotify/objects.ts' },
  ),
  border(
    'pages-ask',
    'Pages and addresses ask deeds; what is stored where is not their business.',
    { path: '^app/', pathNot: tests },
    { path: [lists, doors, '^lib/pipeline/'], pathNot: shapes },
    { file: 'app/api/planted/route.ts', imports: 'lib/db.ts' },
  ),
  border(
    'server-parts-ask',
    'A component may run in the browser; it gets its data from the page, layout or address.',
    { path: '^app/', pathNot: [...serverParts, tests] },
    { path: ['^lib/', ...serverParts], pathNot: shapes },
    { file: 'app/(dashboard)/overview/planted.tsx', imports: 'lib/ask.ts' },
  ),
  border(
    'shapes-stand-alone',
    'What reaches the browser pulls nothing of the server after it.',
    { path: shapes },
    { path: '^lib/', pathNot: shapes },
    { file: 'lib/charts/top-list.ts', imports: 'lib/config.ts' },
  ),
  border(
    'proxy-stays-small',
    'It runs before every answer.',
    { path: '^proxy[.]ts$' },
    { path: '^(lib|app|inngest|prisma)/', pathNot: ground },
    { file: 'proxy.ts', imports: 'lib/auth.ts' },
  ),
  border(
    'pages-send-events',
    'A page asks for a run; it does not run it.',
    { path: '^app/', pathNot: ['^app/api/inngest/', tests] },
    { path: '^inngest/', pathNot: '^inngest/(client|events)[.]ts$' },
    { file: 'app/api/planted/route.ts', imports: 'inngest/functions/plan.ts' },
  ),
  border(
    'jobs-do-deeds',
    'A job says when; lib says what.',
    { path: '^inngest/', pathNot: tests },
    { path: [lists, doors, '^app/'] },
    { file: 'inngest/functions/planted.ts', imports: 'lib/warehouse/index.ts' },
  ),
  border(
    'engine-knows-no-job',
    'The embedded engine speaks a protocol and could run any functions.',
    { path: '^inngest/engine/', pathNot: tests },
    { path: '^(lib|app|inngest|prisma)/', pathNot: ['^inngest/engine/', ground] },
    { file: 'inngest/engine/planted.ts', imports: 'lib/pipeline/plan.ts' },
  ),
  border(
    'jobs-know-no-engine',
    'Inngest itself can take the place of the embedded engine.',
    { path: '^(app|lib|inngest)/', pathNot: ['^inngest/engine/', tests] },
    { path: '^inngest/engine/' },
    { file: 'inngest/functions/planted.ts', imports: 'inngest/engine/engine.ts' },
  ),
  border(
    'one-door-for-prisma',
    'Only lib/db.ts opens the app database.',
    { pathNot: '^(lib/db[.]ts$|prisma/)' },
    { path: '^prisma/client/' },
    { file: 'lib/pipeline/planted.ts', imports: 'prisma/client/client.ts' },
  ),
  border(
    'lib-runs-anywhere',
    'lib needs no web server and no browser; signing in is about both.',
    { path: '^lib/', pathNot: '^lib/auth[.]ts$' },
    { path: '(^|/)node_modules/(next|react|react-dom)/' },
    { file: 'lib/listener/planted.ts', imports: 'next/headers' },
  ),
  home('pg', '^(lib/db[.]ts$|inngest/engine/|scripts/)', tests),
  home('@prisma/adapter-pg', '^(lib/db[.]ts$|scripts/)'),
  home('@duckdb/node-api', '^lib/(warehouse/(duckdb|snowflake/testing)/|pipeline/testing/hold-file[.]ts)'),
  home('snowflake-sdk', '^lib/warehouse/snowflake/'),
  home('recharts', '^app/_ui/draw/'),
  home('inngest', '^inngest/(?!engine/)', '^app/api/inngest/', tests),
  home('graphile-worker', '^inngest/engine/'),
  home('nodemailer', '^lib/channels/'),
  home('prom-client', '^lib/listener/metrics/'),
  home('next-auth', '^(lib/auth[.]ts$|app/api/auth/)'),
  home('@next-auth/prisma-adapter', '^lib/auth[.]ts$'),
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
