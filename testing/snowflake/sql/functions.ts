/**
 * The Snowflake functions that this server supports and what implements each in DuckDB: a built-in function or a macro
 * below. When the product starts to use another function, look up its exact meaning and add it here.
 */
export const FUNCTIONS: Record<string, string> = {
  AVG: 'sf_avg',
  CHR: 'chr',
  COALESCE: 'coalesce',
  CONCAT: 'concat',
  CONTAINS: 'contains',
  CONVERT_TIMEZONE: 'sf_convert_timezone',
  COUNT: 'count',
  COUNT_IF: 'count_if',
  DATEDIFF: 'sf_datediff',
  DATE_PART: 'sf_date_part',
  DATE_TRUNC: 'date_trunc',
  DAYOFWEEKISO: 'isodow',
  DAYOFYEAR: 'dayofyear',
  FIRST_VALUE: 'first_value',
  FLOOR: 'floor',
  GET: 'json_extract',
  HASH: 'hash',
  HOUR: 'hour',
  IFF: 'sf_iff',
  LAG: 'lag',
  LENGTH: 'length',
  LOWER: 'lower',
  MAX: 'max',
  MD5: 'md5',
  MD5_NUMBER_LOWER64: 'sf_md5_lower64',
  MIN: 'min',
  MOD: 'mod',
  NULLIF: 'nullif',
  PARSE_JSON: 'sf_parse_json',
  RANK: 'rank',
  REPLACE: 'replace',
  ROUND: 'round',
  ROW_NUMBER: 'row_number',
  // Counts from 1; a part that does not exist is empty.
  SPLIT_PART: 'split_part',
  STRIP_NULL_VALUE: 'sf_strip_null_value',
  SUM: 'sum',
  SYSDATE: 'sf_sysdate',
  TO_DATE: 'sf_to_date',
  TO_JSON: 'sf_to_json',
  TO_TIMESTAMP_NTZ: 'sf_to_timestamp_ntz',
  TO_VARCHAR: 'sf_to_varchar',
  TRANSLATE: 'translate',
  UPPER: 'upper',
}

/** Every cast goes through text: the content of a VARIANT, or the text of anything else. */
const TEXT_OF = `CASE WHEN typeof(x) = 'JSON' THEN json_extract_string(to_json(x), '$') ELSE CAST(x AS VARCHAR) END`

export const MACROS = [
  `sf_varchar(x) AS ${TEXT_OF}`,
  // It is not certain how Snowflake writes a DOUBLE, so nothing may depend on it.
  `sf_to_varchar(x) AS CASE WHEN typeof(x) = 'DOUBLE' THEN error('the test server does not support DOUBLE as text')
     ELSE sf_varchar(x) END, (x, format) AS CASE WHEN typeof(x) = 'DATE' AND format = 'YYYY-MM-DD'
     THEN strftime(x, '%Y-%m-%d') ELSE error('the test server does not support this format of TO_VARCHAR') END`,
  `sf_varchar_with_other_dates(x) AS CASE WHEN typeof(x) = 'DATE' THEN strftime(CAST(CAST(x AS VARCHAR) AS DATE), '%d.%m.%Y')
     ELSE sf_varchar(x) END`,
  `sf_unreadable_date(x) AS error('Date ''' || CAST(x AS VARCHAR) || ''' is not recognized')`,
  // Snowflake rounds the average of whole numbers to six digits.
  `sf_avg(x) AS CASE WHEN typeof(any_value(x)) = 'DOUBLE' THEN avg(x) ELSE round(avg(x), 6) END`,
  `sf_iff(condition, yes, no) AS CASE WHEN condition THEN yes ELSE no END`,
  `sf_parse_json(x) AS CAST(x AS JSON)`,
  `sf_strip_null_value(x) AS CASE WHEN json_type(x) = 'NULL' THEN NULL ELSE x END`,
  `sf_to_json(x) AS CASE WHEN typeof(x) = 'JSON' THEN CAST(x AS VARCHAR) ELSE error('TO_JSON needs a VARIANT') END`,
  `sf_to_date(x, format) AS CASE WHEN format = 'YYYY-MM-DD' THEN CAST(strptime(x, '%Y-%m-%d') AS DATE)
     ELSE error('the test server does not support this format of TO_DATE') END`,
  `sf_to_timestamp_ntz(x, scale) AS CASE WHEN scale = 3 THEN epoch_ms(CAST(x AS BIGINT))
     ELSE error('the test server does not support this scale of TO_TIMESTAMP_NTZ') END`,
  `sf_date_part(part, x) AS CASE WHEN part = 'EPOCH_MILLISECOND' THEN epoch_ms(x)
     ELSE error('the test server does not support this part of DATE_PART') END`,
  // The lower half of the sum as the MD5 function prints it, read from left to right.
  `sf_md5_lower64(x) AS CAST('0x' || right(md5(x), 16) AS UBIGINT)`,
  `sf_sysdate() AS date_trunc('millisecond', now() AT TIME ZONE 'UTC')`,
  `sf_convert_timezone(source, target, x) AS timezone(target, timezone(source, CAST(x AS TIMESTAMP)))`,
  `sf_datediff(part, a, b) AS CASE WHEN part = 'day' THEN date_diff('day', a, b)
     ELSE error('the test server does not support this part of DATEDIFF') END`,
  `sf_elements(x) AS CASE WHEN x IS NULL THEN [] WHEN json_type(x) = 'ARRAY' THEN json_extract(x, '$[*]')
     ELSE error('the test server flattens arrays only') END`,
].map((macro) => `CREATE MACRO ${macro}`)

/** Words of the grammar that are not names, as far as the product's SQL uses them. */
export const KEYWORDS = new Set(
  `ALL AND AS ASC BETWEEN BY CASE CROSS CURRENT DELETE DESC DISTINCT ELSE END EXISTS FALSE FIRST FOLLOWING FROM FULL GROUP
   HAVING ILIKE IN INNER INSERT INTO IS JOIN LAST LEFT LIKE LIMIT MATCHED MERGE NOT NULL NULLS OFFSET ON OR ORDER OUTER
   OVER PARTITION PRECEDING QUALIFY RIGHT ROW ROWS SELECT SET THEN TRUE UNBOUNDED UNION UPDATE USING VALUES WHEN WHERE
   WITH RECURSIVE EXCEPT INTERSECT`.split(/\s+/),
)

/** Names that Snowflake accepts only in quotes. */
export const RESERVED = new Set(
  `ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONNECTION CONSTRAINT CREATE CROSS CURRENT
   CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING FOR
   FROM FULL GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS ISSUE JOIN LATERAL LEFT LIKE
   LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER ORGANIZATION QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS
   SAMPLE SCHEMA SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING VALUES
   VIEW WHEN WHENEVER WHERE WITH`.split(/\s+/),
)
