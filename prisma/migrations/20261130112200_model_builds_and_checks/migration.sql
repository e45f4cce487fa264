-- CreateTable
CREATE TABLE "ModelBuild" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    "full" TEXT,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3) NOT NULL,
    "models" JSONB NOT NULL DEFAULT '[]',
    "problem" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "checked" TEXT,
    "checksPassed" INTEGER NOT NULL DEFAULT 0,
    "checksFailed" INTEGER NOT NULL DEFAULT 0,
    "checksNotRun" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "ModelBuild_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModelCheck" (
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "failing" INTEGER,
    "problem" TEXT,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "checkedAt" TIMESTAMPTZ(3) NOT NULL,
    "wholeAt" TIMESTAMPTZ(3),

    CONSTRAINT "ModelCheck_pkey" PRIMARY KEY ("userId","name")
);

-- CreateIndex
CREATE INDEX "ModelBuild_userId_startedAt_idx" ON "ModelBuild"("userId", "startedAt" DESC);

-- AddForeignKey
ALTER TABLE "ModelBuild" ADD CONSTRAINT "ModelBuild_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelCheck" ADD CONSTRAINT "ModelCheck_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Who is notified of failures is notified of failed checks, which count as failures of the data.
UPDATE "NotificationChannel" SET "events" = array_append("events", 'check failed')
WHERE 'failed' = ANY("events") AND NOT 'check failed' = ANY("events");
