-- The kinds are listed in lib/channels/kinds.ts alone, so that a new one needs no migration.
ALTER TABLE "NotificationChannel" ALTER COLUMN "kind" TYPE TEXT USING "kind"::TEXT;

-- DropEnum
DROP TYPE "ChannelKind";
