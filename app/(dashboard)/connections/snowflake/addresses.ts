/** API paths of this page. */
export const WAREHOUSE = '/api/warehouse'
export const TEST = '/api/warehouse/test'
export const LOAD = '/api/warehouse/load'
export const KEY = '/api/warehouse/key'
export const SETTINGS = '/api/warehouse/settings'
