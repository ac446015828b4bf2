ALTER TABLE `deployments` ADD `remind_at` integer;--> statement-breakpoint
CREATE INDEX `deployments_remind` ON `deployments` (`status`,`remind_at`);