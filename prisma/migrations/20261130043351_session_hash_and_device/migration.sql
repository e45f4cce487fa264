-- AlterTable
ALTER TABLE "Session" ADD COLUMN     "confirmedAt" TIMESTAMPTZ(3),
ADD COLUMN     "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "lastSeenAt" TIMESTAMPTZ(3),
ADD COLUMN     "userAgent" TEXT;

-- A session lasts 30 days from the sign-in, so its end says when it began.
UPDATE "Session" SET "createdAt" = LEAST(CURRENT_TIMESTAMP, "expires" - INTERVAL '30 days');

-- Tokens are stored as their hash, so that a reader of the database can't use them. next-auth's tokens are UUIDs, so 64
-- hexadecimal digits are a hash already.
UPDATE "Session" SET "sessionToken" = encode(sha256(convert_to("sessionToken", 'UTF8')), 'hex')
WHERE "sessionToken" !~ '^[0-9a-f]{64}$';
