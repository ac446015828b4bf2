DROP INDEX "name_words_person";--> statement-breakpoint
DROP INDEX "outbox_created";--> statement-breakpoint
DROP INDEX "inbound_keyword";--> statement-breakpoint
ALTER TABLE "name_words" ADD COLUMN "county" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "name_words_county" ON "name_words" USING btree ("county","word","person_id");--> statement-breakpoint
CREATE INDEX "deployments_job_day" ON "deployments" USING btree ("job_code","status","report_on","id");--> statement-breakpoint
CREATE INDEX "deployments_job_county" ON "deployments" USING btree ("job_code","county","status");--> statement-breakpoint
CREATE INDEX "name_words_person" ON "name_words" USING btree ("person_id","word");--> statement-breakpoint
CREATE INDEX "outbox_created" ON "outbox" USING btree ("created_at","class","status","segments");--> statement-breakpoint
CREATE INDEX "inbound_keyword" ON "inbound" USING btree ("keyword","answered_at","at");