/** The instance under test. `npm run test:e2e` starts it and passes its addresses in the environment. */

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set. Run the browser tests with \`npm run test:e2e\`.`)
  return value
}

export const ORIGIN = required('E2E_ORIGIN')
export const SIMULATOR = required('E2E_SIMULATOR')
export const SNOWFLAKE = required('E2E_SNOWFLAKE')
export const DATA_FOLDER = required('E2E_DATA_FOLDER')
export const DATABASE_URL = required('E2E_DATABASE_URL')
