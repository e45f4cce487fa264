/**
 * The words that the editor colors and completes: those of DuckDB that queries use, not all of its grammar. Functions that
 * are more often the names of columns, such as day and year, are left out.
 */

export const KEYWORDS =
  'all and anti any as asc asof between by case cast cross current desc describe distinct else end escape except exclude exists explain false fetch filter first following for from full group having ilike in inner intersect interval into is join last lateral left like limit materialized natural not null nulls offset on only or order outer over partition pivot positional preceding qualify range recursive replace right rollup row rows sample select semi similar some summarize table tablesample then ties to true try_cast unbounded union unpivot using values when where window with within'

export const TYPES =
  'bigint blob boolean date decimal double float hugeint integer interval json real smallint text time timestamp timestamptz tinyint varchar'

export const FUNCTIONS =
  'abs any_value approx_count_distinct arg_max arg_min array_agg avg bool_and bool_or ceil coalesce concat contains corr count count_if cume_dist current_date date_diff date_part date_trunc dayname dense_rank epoch extract first_value floor generate_series greatest ifnull isodow lag last_day last_value lead least length list lower ltrim max median min monthname ntile nullif percent_rank quantile_cont regexp_extract regexp_matches regexp_replace replace round row_number rtrim split_part starts_with stddev strftime string_agg strptime substring sum trim trunc typeof unnest upper'
