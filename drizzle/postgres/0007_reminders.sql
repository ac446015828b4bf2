ALTER TABLE "deployments" ADD COLUMN "remind_at" bigint;--> statement-breakpoint
CREATE INDEX "deployments_remind" ON "deployments" USING btree ("status","remind_at");