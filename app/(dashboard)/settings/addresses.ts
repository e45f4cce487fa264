/** API path of the schedules. */
export const SCHEDULES = '/api/settings/schedules'
