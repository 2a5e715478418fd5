/**
 * Functions that other databases are known for (MySQL, SQLite, SQL Server, Oracle, BigQuery, Snowflake), all of which
 * compute and change nothing. PostgreSQL has none of them: there a call fails, or goes to a stand-in that somebody made
 * under the well-known name so that such queries run. Models that write SQL mix dialects, and a query that merely fails is
 * no danger. Whoever can make a function that is called like one of these and does more can make one in `pg_catalog`'s
 * stead as well, and needs `ddl` for either.
 */
export const FOREIGN_READING_FUNCTIONS = `add_days add_months adddate addtime approx_count_distinct approx_quantiles charindex choose
convert_tz countif curdate curtime current_datetime date_add date_diff date_format date_from_parts date_from_unix_date
date_sub dateadd datediff datediff_big datefromparts datename datepart datetime datetime_add datetime_diff
datetime_sub datetime_trunc datetrunc day dayname dayofmonth dayofweek dayofyear days_between div0 elt eomonth
find_in_set format_date format_datetime format_timestamp from_days from_unixtime getdate getutcdate group_concat hex
hour ieee_divide if iff ifnull iif instr isdate isnull isnumeric json_contains json_extract json_unquote julianday
last_day lcase len listagg locate log2 makedate maketime median microsecond mid minute month monthname months_between
next_day nullifzero nvl nvl2 parse_date parse_datetime parse_timestamp patindex period_add period_diff quarter rand
ratio_to_report regexp_contains regexp_extract replicate safe_add safe_cast safe_divide safe_multiply safe_subtract
sec_to_time second space square str str_to_date strcmp strftime stuff subdate substring_index subtime sysdate
sysdatetime time_format time_slice time_to_sec timediff timestamp_add timestamp_diff timestamp_micros
timestamp_millis timestamp_seconds timestamp_sub timestamp_trunc timestampadd timestampdiff to_days to_decimal
to_varchar total truncate try_cast try_convert try_to_date try_to_number typeof ucase unix_date unix_millis
unix_seconds unix_timestamp unixepoch utc_date utc_time utc_timestamp week weekday weekofyear year yearweek
zeroifnull`
