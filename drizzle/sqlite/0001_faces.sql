DROP INDEX `name_words_person`;--> statement-breakpoint
ALTER TABLE `name_words` ADD `county` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `name_words_county` ON `name_words` (`county`,`word`,`person_id`);--> statement-breakpoint
CREATE INDEX `name_words_person` ON `name_words` (`person_id`,`word`);--> statement-breakpoint
DROP INDEX `outbox_created`;--> statement-breakpoint
CREATE INDEX `outbox_created` ON `outbox` (`created_at`,`class`,`status`,`segments`);--> statement-breakpoint
DROP INDEX `inbound_keyword`;--> statement-breakpoint
CREATE INDEX `inbound_keyword` ON `inbound` (`keyword`,`answered_at`,`at`);--> statement-breakpoint
CREATE INDEX `deployments_job_day` ON `deployments` (`job_code`,`status`,`report_on`,`id`);--> statement-breakpoint
CREATE INDEX `deployments_job_county` ON `deployments` (`job_code`,`county`,`status`);