-- Decides whether a request may be sent now, takes its slot, and says until when and by what it is held otherwise. Callers
-- of one app take turns on its row of "RequestLimit".
CREATE OR REPLACE FUNCTION take_request_slot(
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
