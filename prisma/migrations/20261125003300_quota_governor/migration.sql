-- When the requests of a developer account are fewer than a budget again; null: they are now. A request counts for 24
-- hours; hours are counted whole, so one is over 25 hours after it began.
CREATE FUNCTION quota_free_at(account TEXT, counted_group TEXT, left_out TEXT, budget INT, asked_at TIMESTAMPTZ)
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

-- Until when a group has to leave what is left of the learned limits: a little for the unknown, and of the account's
-- whole limit what the group that goes first asks in a day.
CREATE FUNCTION quota_held_until(account TEXT, asked_group TEXT, first_group TEXT, asked_at TIMESTAMPTZ,
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

-- The answer says now what holds a request back, and one group of addresses goes first.
DROP FUNCTION take_request_slot(TEXT, TEXT, TEXT, TEXT, INT, TIMESTAMPTZ, INTERVAL, INTERVAL);

CREATE FUNCTION take_request_slot(
  app TEXT, account TEXT, asked_group TEXT, slot TEXT, most_in_flight INT, asked_at TIMESTAMPTZ,
  window_length INTERVAL, lease INTERVAL, first_group TEXT
) RETURNS TABLE (taken BOOLEAN, wait_until TIMESTAMPTZ, held_by TEXT) LANGUAGE plpgsql AS $$
DECLARE
  whole "RequestLimit";
  own "RequestLimit";
  quota_until TIMESTAMPTZ;
  flying INT;
  within INT;
  oldest TIMESTAMPTZ;
BEGIN
  INSERT INTO "RequestLimit" ("spotifyAppId", "group") VALUES (app, '*'), (app, asked_group) ON CONFLICT DO NOTHING;
  SELECT * INTO whole FROM "RequestLimit" WHERE "spotifyAppId" = app AND "group" = '*' FOR UPDATE;
  SELECT * INTO own FROM "RequestLimit" WHERE "spotifyAppId" = app AND "group" = asked_group;
  SELECT "blockedUntil" INTO quota_until FROM "QuotaGroup" WHERE "developerAccount" = account AND "group" = asked_group;
  taken := FALSE;
  wait_until := GREATEST(whole."blockedUntil", own."blockedUntil");
  held_by := 'pause';
  IF quota_until > coalesce(wait_until, asked_at) THEN
    wait_until := quota_until;
    held_by := 'quota';
  END IF;
  IF wait_until > asked_at THEN RETURN NEXT; RETURN; END IF;
  SELECT h.held_until, h.held_by INTO wait_until, held_by
    FROM quota_held_until(account, asked_group, first_group, asked_at) h;
  IF wait_until > asked_at THEN RETURN NEXT; RETURN; END IF;
  wait_until := NULL;
  held_by := NULL;

  SELECT count(*) FILTER (WHERE s."group" = asked_group AND s."endedAt" IS NULL AND s."expiresAt" > asked_at),
         count(*) FILTER (WHERE NOT s.refused), min(s."startedAt") FILTER (WHERE NOT s.refused)
    INTO flying, within, oldest
    FROM "RequestSlot" s WHERE s."spotifyAppId" = app AND s."startedAt" > asked_at - window_length;
  IF flying >= GREATEST(1, floor(most_in_flight * own.share)) THEN RETURN NEXT; RETURN; END IF;
  -- The last place of the window is kept for the group that goes first: a long list cannot starve it.
  IF whole."windowLimit" IS NOT NULL
    AND within >= GREATEST(1, whole."windowLimit" - CASE WHEN asked_group = first_group THEN 0 ELSE 1 END) THEN
    wait_until := oldest + window_length;
    held_by := 'pause';
    RETURN NEXT; RETURN;
  END IF;

  INSERT INTO "RequestSlot" (id, "spotifyAppId", "group", "startedAt", "expiresAt")
    VALUES (slot, app, asked_group, asked_at, asked_at + lease);
  taken := TRUE;
  RETURN NEXT;
END $$;
