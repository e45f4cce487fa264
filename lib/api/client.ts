import type * as admin from './admin.ts'
import type * as channels from './channels.ts'
import type * as charts from './charts.ts'
import type * as checks from './checks.ts'
import type * as connections from './connections.ts'
import type * as counting from './counting.ts'
import type * as coverage from './coverage.ts'
import type { EndpointAddress } from './endpoint.ts'
import type * as exclusions from './exclusions.ts'
import type * as genres from './genres.ts'
import type * as imports from './imports.ts'
import type * as instance from './instance.ts'
import type * as lake from './lake.ts'
import type * as me from './me.ts'
import type * as music from './music.ts'
import type * as recordings from './recordings.ts'
import type * as runs from './runs.ts'
import type * as sessions from './sessions.ts'
import type * as settings from './settings.ts'
import type * as spotifyApp from './spotify-app.ts'
import type * as sql from './sql.ts'
import type * as tables from './tables.ts'
import type * as tokens from './tokens.ts'
import type * as warehouse from './warehouse.ts'

/**
 * What pages without forms import of the contracts: typed addresses. zod and the schemas stay on the server, because this
 * file imports types only.
 */

export type { ChartName } from '#lib/charts/index.ts'
export type { ChartResponse, ChartsResponse } from './charts.ts'
export type { CoverageHole, CoverageResponse } from './coverage.ts'
export type { Album, Artist, Listening, Track } from './music.ts'

export const getChart: EndpointAddress<typeof charts.getChart> = { method: 'GET', path: '/api/charts/[chart]' }
export const getCharts: EndpointAddress<typeof charts.getCharts> = { method: 'GET', path: '/api/charts' }

export const getTrack: EndpointAddress<typeof music.getTrack> = { method: 'GET', path: '/api/tracks/[id]' }
export const getArtist: EndpointAddress<typeof music.getArtist> = { method: 'GET', path: '/api/artists/[id]' }
export const getAlbum: EndpointAddress<typeof music.getAlbum> = { method: 'GET', path: '/api/albums/[id]' }
export const search: EndpointAddress<typeof music.search> = { method: 'GET', path: '/api/search' }

export const getExclusions: EndpointAddress<typeof exclusions.getExclusions> = {
  method: 'GET',
  path: '/api/exclusions',
}
export const excludePlay: EndpointAddress<typeof exclusions.excludePlay> = { method: 'POST', path: '/api/exclusions' }
export const includePlay: EndpointAddress<typeof exclusions.includePlay> = {
  method: 'DELETE',
  path: '/api/exclusions',
}
export const importChartPlaylist: EndpointAddress<typeof imports.importChartPlaylist> = {
  method: 'POST',
  path: '/api/chart-playlists',
}
export const getImports: EndpointAddress<typeof imports.getImports> = { method: 'GET', path: '/api/imports' }
export const getImport: EndpointAddress<typeof imports.getImport> = { method: 'GET', path: '/api/imports/[id]' }
export const startImport: EndpointAddress<typeof imports.startImport> = { method: 'POST', path: '/api/imports' }
export const replyToImport: EndpointAddress<typeof imports.replyToImport> = {
  method: 'POST',
  path: '/api/imports/[id]/answer',
}
export const cancelImport: EndpointAddress<typeof imports.cancelImport> = {
  method: 'POST',
  path: '/api/imports/[id]/cancel',
}
export const undoImport: EndpointAddress<typeof imports.undoImport> = {
  method: 'POST',
  path: '/api/imports/[id]/undo',
}

export const changeCounting: EndpointAddress<typeof counting.changeCounting> = { method: 'PUT', path: '/api/counting' }
export const getGenres: EndpointAddress<typeof genres.getGenres> = { method: 'GET', path: '/api/genres' }
export const setGenres: EndpointAddress<typeof genres.setGenres> = { method: 'PUT', path: '/api/genres' }
export const importGenres: EndpointAddress<typeof genres.importGenres> = { method: 'PUT', path: '/api/genres/file' }
export const getRecordings: EndpointAddress<typeof recordings.getRecordings> = {
  method: 'GET',
  path: '/api/recordings',
}
export const chooseRecording: EndpointAddress<typeof recordings.chooseRecording> = {
  method: 'POST',
  path: '/api/recordings',
}
export const forgetRecording: EndpointAddress<typeof recordings.forgetRecording> = {
  method: 'DELETE',
  path: '/api/recordings',
}
export const getTables: EndpointAddress<typeof tables.getTables> = { method: 'GET', path: '/api/tables' }
export const getChecks: EndpointAddress<typeof checks.getChecks> = { method: 'GET', path: '/api/checks' }
export const getCoverage: EndpointAddress<typeof coverage.getCoverage> = { method: 'GET', path: '/api/coverage' }

export const getRuns: EndpointAddress<typeof runs.getRuns> = { method: 'GET', path: '/api/runs' }
export const startRun: EndpointAddress<typeof runs.startRun> = { method: 'POST', path: '/api/runs' }
export const getRun: EndpointAddress<typeof runs.getRun> = { method: 'GET', path: '/api/runs/[id]' }
export const getRunProgress: EndpointAddress<typeof runs.getRunProgress> = {
  method: 'GET',
  path: '/api/runs/[id]/progress',
}
export const getRunsProgress: EndpointAddress<typeof runs.getRunsProgress> = {
  method: 'GET',
  path: '/api/runs/progress',
}
export const rerunRun: EndpointAddress<typeof runs.rerunRun> = { method: 'POST', path: '/api/runs/[id]/rerun' }
export const cancelRun: EndpointAddress<typeof runs.cancelRun> = { method: 'POST', path: '/api/runs/[id]/cancel' }

export const getTokens: EndpointAddress<typeof tokens.getTokens> = { method: 'GET', path: '/api/tokens' }
export const createToken: EndpointAddress<typeof tokens.createToken> = { method: 'POST', path: '/api/tokens' }
export const revokeToken: EndpointAddress<typeof tokens.revokeToken> = { method: 'DELETE', path: '/api/tokens/[id]' }

export const getSessions: EndpointAddress<typeof sessions.getSessions> = { method: 'GET', path: '/api/sessions' }
export const endSessions: EndpointAddress<typeof sessions.endSessions> = { method: 'DELETE', path: '/api/sessions' }
export const endSession: EndpointAddress<typeof sessions.endSession> = {
  method: 'DELETE',
  path: '/api/sessions/[id]',
}

export const getMe: EndpointAddress<typeof me.getMe> = { method: 'GET', path: '/api/me' }

export const getConnections: EndpointAddress<typeof connections.getConnections> = {
  method: 'GET',
  path: '/api/connections',
}
export const rebuildWarehouse: EndpointAddress<typeof connections.rebuildWarehouse> = {
  method: 'POST',
  path: '/api/connections/rebuild',
}
export const disconnectSpotify: EndpointAddress<typeof connections.disconnectSpotify> = {
  method: 'POST',
  path: '/api/disconnect',
}

export const getSetup: EndpointAddress<typeof spotifyApp.getSetup> = { method: 'GET', path: '/api/setup' }
export const setUp: EndpointAddress<typeof spotifyApp.setUp> = { method: 'POST', path: '/api/setup' }
export const saveOwnApp: EndpointAddress<typeof spotifyApp.saveOwnApp> = { method: 'POST', path: '/api/spotify-app' }
export const probeApp: EndpointAddress<typeof spotifyApp.probeApp> = { method: 'POST', path: '/api/spotify-app/probe' }

export const getSettings: EndpointAddress<typeof settings.getSettings> = { method: 'GET', path: '/api/settings' }
export const changeSettings: EndpointAddress<typeof settings.changeSettings> = { method: 'PUT', path: '/api/settings' }
export const changeSchedule: EndpointAddress<typeof settings.changeSchedule> = {
  method: 'PUT',
  path: '/api/settings/schedules',
}
export const eraseMe: EndpointAddress<typeof settings.eraseMe> = { method: 'POST', path: '/api/erase' }

export const getWarehouse: EndpointAddress<typeof warehouse.getWarehouse> = { method: 'GET', path: '/api/warehouse' }
export const testWarehouse: EndpointAddress<typeof warehouse.testWarehouse> = {
  method: 'POST',
  path: '/api/warehouse/test',
}
export const getCheckProgress: EndpointAddress<typeof warehouse.getCheckProgress> = {
  method: 'GET',
  path: '/api/warehouse/test',
}
export const saveWarehouse: EndpointAddress<typeof warehouse.saveWarehouse> = { method: 'PUT', path: '/api/warehouse' }
export const disconnectWarehouse: EndpointAddress<typeof warehouse.disconnectWarehouse> = {
  method: 'DELETE',
  path: '/api/warehouse',
}
export const loadNow: EndpointAddress<typeof warehouse.loadNow> = { method: 'POST', path: '/api/warehouse/load' }
export const changeKey: EndpointAddress<typeof warehouse.changeKey> = { method: 'POST', path: '/api/warehouse/key' }
export const changeWarehouse: EndpointAddress<typeof warehouse.changeWarehouse> = {
  method: 'PUT',
  path: '/api/warehouse/settings',
}

export const getLake: EndpointAddress<typeof lake.getLake> = { method: 'GET', path: '/api/lake' }
export const saveLake: EndpointAddress<typeof lake.saveLake> = { method: 'PUT', path: '/api/lake' }
export const removeLake: EndpointAddress<typeof lake.removeLake> = { method: 'DELETE', path: '/api/lake' }
export const testLake: EndpointAddress<typeof lake.testLake> = { method: 'POST', path: '/api/lake/test' }
export const getLakeCheckProgress: EndpointAddress<typeof lake.getLakeCheckProgress> = {
  method: 'GET',
  path: '/api/lake/test',
}
export const publishLake: EndpointAddress<typeof lake.publishLake> = { method: 'POST', path: '/api/lake/publish' }

export const getChannels: EndpointAddress<typeof channels.getChannels> = { method: 'GET', path: '/api/channels' }
export const addChannel: EndpointAddress<typeof channels.addChannel> = { method: 'POST', path: '/api/channels' }
export const changeChannel: EndpointAddress<typeof channels.changeChannel> = {
  method: 'PUT',
  path: '/api/channels/[id]',
}
export const removeChannel: EndpointAddress<typeof channels.removeChannel> = {
  method: 'DELETE',
  path: '/api/channels/[id]',
}
export const testChannel: EndpointAddress<typeof channels.testChannel> = {
  method: 'POST',
  path: '/api/channels/[id]/test',
}

export const getAdminRuns: EndpointAddress<typeof admin.getAdminRuns> = { method: 'GET', path: '/api/admin/runs' }
export const getAdminListeners: EndpointAddress<typeof admin.getAdminListeners> = {
  method: 'GET',
  path: '/api/admin/listeners',
}
export const changeListener: EndpointAddress<typeof admin.changeListener> = {
  method: 'PUT',
  path: '/api/admin/listeners/[id]',
}
export const removeListener: EndpointAddress<typeof admin.removeListener> = {
  method: 'DELETE',
  path: '/api/admin/listeners/[id]',
}
export const getInvites: EndpointAddress<typeof admin.getInvites> = { method: 'GET', path: '/api/admin/invites' }
export const createInvite: EndpointAddress<typeof admin.createInvite> = { method: 'POST', path: '/api/admin/invites' }
export const revokeInvite: EndpointAddress<typeof admin.revokeInvite> = {
  method: 'DELETE',
  path: '/api/admin/invites/[id]',
}
export const getQuota: EndpointAddress<typeof admin.getQuota> = { method: 'GET', path: '/api/admin/quota' }
export const forgetQuota: EndpointAddress<typeof admin.forgetQuota> = { method: 'DELETE', path: '/api/admin/quota' }
export const getKeys: EndpointAddress<typeof admin.getKeys> = { method: 'GET', path: '/api/admin/keys' }
export const reseal: EndpointAddress<typeof admin.reseal> = { method: 'POST', path: '/api/admin/keys' }
export const getAdminOverview: EndpointAddress<typeof admin.getAdminOverview> = {
  method: 'GET',
  path: '/api/admin/overview',
}

export const runSql: EndpointAddress<typeof sql.runSql> = { method: 'POST', path: '/api/sql' }
export const cancelSql: EndpointAddress<typeof sql.cancelSql> = { method: 'POST', path: '/api/sql/cancel' }
export const getSqlHistory: EndpointAddress<typeof sql.getSqlHistory> = { method: 'GET', path: '/api/sql/history' }
export const clearSqlHistory: EndpointAddress<typeof sql.clearSqlHistory> = {
  method: 'DELETE',
  path: '/api/sql/history',
}
export const getQueries: EndpointAddress<typeof sql.getQueries> = { method: 'GET', path: '/api/queries' }
export const saveQuery: EndpointAddress<typeof sql.saveQuery> = { method: 'POST', path: '/api/queries' }
export const deleteQuery: EndpointAddress<typeof sql.deleteQuery> = { method: 'DELETE', path: '/api/queries' }

export const getHealth: EndpointAddress<typeof instance.getHealth> = { method: 'GET', path: '/api/health' }
