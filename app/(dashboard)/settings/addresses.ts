/** Where a plan is changed. */
export const SCHEDULES = '/api/settings/schedules'
