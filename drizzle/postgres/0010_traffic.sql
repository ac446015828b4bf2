DROP INDEX "sessions_at";--> statement-breakpoint
DROP INDEX "hops_at";--> statement-breakpoint
CREATE INDEX "sessions_at" ON "sessions" USING btree ("at","screen");--> statement-breakpoint
CREATE INDEX "hops_at" ON "hops" USING btree ("at","screen");