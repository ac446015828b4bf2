DROP INDEX `name_words_person`;--> statement-breakpoint
CREATE INDEX `name_words_person` ON `name_words` (`person_id`,`word`);