-- CreateTable
CREATE TABLE "Arrival" (
    "path" TEXT NOT NULL,
    "etag" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "importId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Arrival_pkey" PRIMARY KEY ("path","etag")
);

-- CreateIndex
CREATE INDEX "Arrival_userId_idx" ON "Arrival"("userId");

-- AddForeignKey
ALTER TABLE "Arrival" ADD CONSTRAINT "Arrival_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
