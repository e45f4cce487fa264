-- When the requests of a developer account drop below a budget again; null if they are below it now. A request counts for
-- 24 hours. Hours are counted whole, so one stops counting 25 hours after it began.
CREATE OR REPLACE FUNCTION quota_free_at(account TEXT, counted_group TEXT, left_out TEXT, budget INT, asked_at TIMESTAMPTZ)
RETURNS TIMESTAMPTZ LANGUAGE sql STABLE AS $$
  WITH hours AS (
    SELECT q.hour, sum(q.requests - q.refused) AS asked FROM "QuotaHour" q
    WHERE q."developerAccount" = account AND q.hour > asked_at - INTERVAL '25 hours'
      AND CASE WHEN counted_group = '*' THEN q."group" <> left_out ELSE q."group" = counted_group END
    GROUP BY q.hour
  ), later AS (
    SELECT hours.hour, coalesce(sum(hours.asked) OVER (
      ORDER BY hours.hour DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS asked
    FROM hours
  )
  SELECT min(later.hour) + INTERVAL '25 hours' FROM later
  WHERE later.asked < budget AND (SELECT sum(hours.asked) FROM hours) >= budget
$$;
