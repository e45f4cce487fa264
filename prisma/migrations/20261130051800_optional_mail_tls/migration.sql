-- Instances that send mail already keep using a server without encryption until their operator decides (SMTP_TLS).
INSERT INTO "InstanceFact" ("name", "value")
SELECT 'mail may be unencrypted', 'since before encryption was required'
WHERE EXISTS (SELECT 1 FROM "NotificationChannel" WHERE "kind" = 'email')
ON CONFLICT DO NOTHING;
