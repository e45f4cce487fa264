/** Commands that build the models with dbt itself, as docs/models.md has them. */
export const DBT_SCRIPTS = {
  duckdb: `python3 -m venv dbt-venv && . dbt-venv/bin/activate
pip install dbt-core==1.11.16 dbt-duckdb==1.11.1
export TRACKLAKE_DUCKDB=/path/to/a/copy/of/the/file.duckdb
dbt build --project-dir dbt --profiles-dir dbt --target duckdb`,
  snowflake: `python3 -m venv dbt-venv && . dbt-venv/bin/activate
pip install dbt-core==1.11.16 dbt-snowflake==1.11.6
export SNOWFLAKE_ACCOUNT=… SNOWFLAKE_USER=… SNOWFLAKE_PRIVATE_KEY_PATH=…
export SNOWFLAKE_ROLE=… SNOWFLAKE_WAREHOUSE=… SNOWFLAKE_DATABASE=… TRACKLAKE_RAW_SCHEMA=…
dbt build --project-dir dbt --profiles-dir dbt --target snowflake`,
} as const
export type DbtTarget = keyof typeof DBT_SCRIPTS
