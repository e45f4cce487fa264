-- Until when a group must not spend what is left of the learned limits: a small margin is kept for the unknown, and of the
-- account's whole limit as much as the first group requests in a day.
CREATE OR REPLACE FUNCTION quota_held_until(account TEXT, asked_group TEXT, first_group TEXT, asked_at TIMESTAMPTZ,
  OUT held_until TIMESTAMPTZ, OUT held_by TEXT) LANGUAGE plpgsql STABLE AS $$
DECLARE
  own_limit INT;
  whole_limit INT;
  kept INT;
  whole_until TIMESTAMPTZ;
BEGIN
  IF asked_group = first_group THEN RETURN; END IF;
  SELECT max(q."dayLimit") FILTER (WHERE q."group" = asked_group), max(q."dayLimit") FILTER (WHERE q."group" = '*')
    INTO own_limit, whole_limit FROM "QuotaGroup" q WHERE q."developerAccount" = account;
  IF own_limit IS NOT NULL THEN
    held_until := quota_free_at(account, asked_group, first_group, GREATEST(1, floor(own_limit * 0.97)::INT), asked_at);
    held_by := 'budget';
  END IF;
  IF whole_limit IS NOT NULL THEN
    SELECT GREATEST(48, coalesce(sum(q.requests), 0)) INTO kept FROM "QuotaHour" q
      WHERE q."developerAccount" = account AND q."group" = first_group AND q.hour > asked_at - INTERVAL '25 hours';
    whole_until := quota_free_at(account, '*', first_group,
      GREATEST(1, floor(whole_limit * 0.1)::INT, floor(whole_limit * 0.97)::INT - kept), asked_at);
    IF whole_until > coalesce(held_until, asked_at) THEN
      held_until := whole_until;
      held_by := 'reserve';
    END IF;
  END IF;
  IF held_until IS NULL OR held_until <= asked_at THEN held_until := NULL; held_by := NULL; END IF;
END $$;
