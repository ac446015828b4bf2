DROP INDEX "name_words_person";--> statement-breakpoint
CREATE INDEX "name_words_person" ON "name_words" USING btree ("person_id","word");